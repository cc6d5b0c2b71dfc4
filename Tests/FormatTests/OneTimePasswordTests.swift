import Foundation
import SecretFormats
import TestSupport
import Testing

/// `Vectors/otp-core.json`: RFC 4226 Appendix D, RFC 6238 Appendix B, RFC 4648 section 10.
private struct CoreVectors: Decodable {
    struct Counted: Decodable {
        let secretHex: String
        let secretBase32: String
        let digits: Int
        let values: [String: String]
    }

    struct Timed: Decodable {
        let time: UInt64
        let algorithm: String
        let secretHex: String
        let secretBase32Nopad: String
        let digits: Int
        let period: Int
        let code: String
    }

    let rfc4226: Counted
    let rfc6238: [Timed]
    let rfc4648Base32: [String: String]

    static func read() throws -> CoreVectors {
        let file = try #require(Bundle.module.url(forResource: "Vectors/otp-core", withExtension: "json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(CoreVectors.self, from: Data(contentsOf: file))
    }
}

@Suite struct OneTimePasswordTests {
    @Test func `Counter-based codes are those of RFC 4226`() throws {
        let vectors = try CoreVectors.read().rfc4226
        let credential = try Credential(
            label: Label(account: "alice"), kind: .hotp(counter: 7), digits: vectors.digits,
            secret: Secret(try #require(bytes(hex: vectors.secretHex))))
        #expect(vectors.values.count == 10)
        for (counter, code) in vectors.values {
            #expect(try OneTimePassword.code(for: credential, counter: #require(UInt64(counter))) == code)
        }
        #expect(try OneTimePassword.code(for: credential, at: 59) == vectors.values["7"])
        #expect(Base32.encode(credential.secret).exposedText == vectors.secretBase32)
    }

    @Test func `Time-based codes are those of RFC 6238`() throws {
        let vectors = try CoreVectors.read().rfc6238
        #expect(vectors.count == 18)
        for vector in vectors {
            let credential = try Credential(
                label: Label(account: "alice"), kind: .totp(period: vector.period),
                algorithm: try #require(HashAlgorithm(rawValue: vector.algorithm)), digits: vector.digits,
                secret: Secret(try #require(bytes(hex: vector.secretHex))))
            #expect(try OneTimePassword.code(for: credential, at: vector.time) == vector.code)
            #expect(Base32.encode(credential.secret).exposedText == vector.secretBase32Nopad)
        }
    }

    @Test func `Base32 is that of RFC 4648, padded or not`() throws {
        let vectors = try CoreVectors.read().rfc4648Base32
        #expect(vectors.count == 7)
        for (plain, encoded) in vectors {
            let unpadded = encoded.filter { $0 != "=" }
            #expect(Base32.encode(Secret(text: plain)).exposedText == unpadded)
            for text in [encoded, unpadded] {
                let secret = try withBytes(of: text) { text throws(FormatError) in try Base32.decode(text) }
                #expect(secret.exposedText == plain)
            }
        }
    }

    @Test func `Truncation is total`() {
        // RFC 4226 section 5.4.
        let mac = bytes(hex: "1f8698690e02ca16618550ef7f19da8e945b555a") ?? []
        #expect(OneTimePassword.truncate(mac, digits: 6) == "872921")
        #expect(OneTimePassword.truncate(mac, digits: 9) == "357872921")
        #expect(OneTimePassword.truncate(mac, digits: 1) == "1")
        #expect(OneTimePassword.truncate([0, 0, 0, 5, 0], digits: 6) == "000005")
        for digits in [Int.min, -1, 0, 10, Int.max] { #expect(OneTimePassword.truncate(mac, digits: digits) == nil) }
        for length in 0..<14 { #expect(OneTimePassword.truncate(Array(mac.prefix(length)) + [15], digits: 6) == nil) }
        #expect(OneTimePassword.truncate([], digits: 6) == nil)
    }

    @Test func `The response is the whole MAC of the counter`() throws {
        // RFC 4226 Appendix D, counter 0.
        let response = try OneTimePassword.response(
            secret: Secret(text: "12345678901234567890"), algorithm: .sha1, counter: 0)
        #expect(hex(response) == "cc93cf18508d94934c64b65d8ba7667fb7cde4b0")
    }

    @Test func `The last time step there is has a code`() throws {
        let credential = try Credential(label: Label(account: "a"), secret: Secret([1]))
        #expect(try OneTimePassword.code(for: credential, at: .max).count == 6)
        #expect(OneTimePassword.timeStep(at: 7, period: 0) == 7)
    }
}

@Suite(.enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"))
struct OathtoolTests {
    private static let window = 20

    @Test(arguments: HashAlgorithm.allCases, 6...8)
    func `oathtool computes the same time-based codes`(algorithm: HashAlgorithm, digits: Int) throws {
        var generator = SeededGenerator(seed: UInt64(digits))
        for period in [1, 30, 60, 86_400] {
            let time = UInt64.random(in: 0...4_000_000_000, using: &generator)
            let credential = try credential(.totp(period: period), algorithm, digits, seed: generator.next())
            let codes = try (0...Self.window).map { step in
                try OneTimePassword.code(for: credential, at: time + UInt64(step * period))
            }
            let theirs = try oathtool(
                ["--totp=\(algorithm.rawValue)", "-s", "\(period)s", "-N", "@\(time)", "-d", "\(digits)"], credential)
            #expect(theirs == codes)
        }
    }

    @Test(arguments: 6...8) func `oathtool computes the same counter-based codes`(digits: Int) throws {
        for counter: UInt64 in [0, 1, 255, 65_536, 1 << 32, 1 << 53, 1 << 62] {
            let credential = try credential(.hotp(counter: counter), .sha1, digits, seed: counter)
            let codes = try (0...Self.window).map { step in
                try OneTimePassword.code(for: credential, counter: counter + UInt64(step))
            }
            #expect(try oathtool(["--hotp", "-c", "\(counter)", "-d", "\(digits)"], credential) == codes)
        }
    }

    private func credential(
        _ kind: Credential.Kind, _ algorithm: HashAlgorithm, _ digits: Int, seed: UInt64
    ) throws -> Credential {
        // Shorter than, as long as and longer than a block of each hash.
        let lengths = [1, 10, 20, 32, 64, 65, 128, 129]
        let secret = try Secret.random(count: lengths[Int(seed % 8)], from: SeededSource(seed: seed))
        return try Credential(
            label: Label(account: "alice"), kind: kind, algorithm: algorithm, digits: digits, secret: secret)
    }

    /// The codes of a whole window in one run; the secret goes by standard input.
    private func oathtool(_ arguments: [String], _ credential: Credential) throws -> [String] {
        let program = try #require(OutsideProgram("oathtool"))
        let text = Base32.encode(credential.secret).exposedBytes + Array("\n".utf8)
        let output = try program.run(arguments + ["-b", "-w", "\(Self.window)", "-"], input: text)
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
