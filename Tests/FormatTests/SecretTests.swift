import ByteBuffers
import Foundation
import SecretFormats
import Synchronization
import TestSupport
import Testing

@Suite struct SecretTests {
    @Test func `A secret holds the bytes it was made from`() {
        let bytes: [UInt8] = Array(0...99)
        #expect(Secret(bytes).exposedBytes == bytes)
        #expect(Secret(copying: bytes.span.bytes).exposedBytes == bytes)
        #expect(Secret([]).count == 0)
        #expect(Secret(count: -1) { _ in }.count == 0)
    }

    @Test func `Secrets are equal when their bytes are`() {
        #expect(Secret([1, 2, 3]) == Secret([1, 2, 3]))
        #expect(Secret([1, 2, 3]) != Secret([1, 2, 4]))
        #expect(Secret([1, 2, 3]) != Secret([1, 2]))
        #expect(Secret([]) == Secret([]))
    }

    @Test func `A secret shows its length and nothing else, also inside other values`() throws {
        let secret = Secret(text: "GEZDGNBVGY3TQOJQ")
        let credential = try Credential(label: Label(account: "alice"), secret: secret)
        let record = TokenRecord(serial: "42", credential: credential)
        let parameter = try OTPAuthURI.decodeWithExtras(
            Array("otpauth://totp/alice?secret=AAAQ&pin=GEZDGNBVGY3TQOJQ".utf8).span.bytes)
        let code = try QRCode(encoding: secret)
        for value: Any in [secret, [secret], Optional(secret) as Any, credential, record, parameter, code] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
                #expect(text.contains("redacted"))
                #expect(!text.contains("GEZ"))
                #expect(!text.contains("71"), "no byte in decimal")
            }
        }
    }

    @Test func `Random secrets have the asked length and differ`() throws {
        let secrets = try (0..<100).map { _ in try Secret.random(count: 20, from: SystemRandom()) }
        #expect(secrets.allSatisfy { $0.count == 20 })
        #expect(Set(secrets.map(\.exposedBytes)).count == secrets.count)
        #expect(try Secret.random(count: 0, from: SystemRandom()).count == 0)
        #expect(
            try Secret.random(count: 20, from: SeededSource(seed: 1))
                == Secret.random(count: 20, from: SeededSource(seed: 1)))
    }

    @Test func `A failing source gives its error and no secret`() {
        #expect(throws: CryptoError(.random, code: .unknown)) {
            try Secret.random(count: 20, from: FailingSource())
        }
    }

    @Test func `More secrets than the locked memory holds can live at once`() {
        let secrets = (0..<50_000).map { number in
            Secret(withUnsafeBytes(of: UInt32(number).bigEndian, Array.init) + Array(repeating: 7, count: 28))
        }
        #expect(secrets[49_999].exposedBytes.prefix(4) == [0, 0, 0xC3, 0x4F])
        #expect(secrets[0].count == 32)
    }
}

@Suite(.serialized) struct SecretWipeTests {
    /// Bytes that occur nowhere else, complemented, so that the pattern itself stands in the secret alone.
    private static func complement(seed: UInt64, count: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in .random(in: 1...254, using: &generator) }
    }

    private static func secret(ofComplement complement: [UInt8]) -> Secret {
        Secret(count: complement.count) { bytes in
            for index in complement.indices {
                bytes.storeBytes(of: ~complement[index], toByteOffset: index, as: UInt8.self)
            }
        }
    }

    @Test(arguments: [20, 64, 400, 6000]) func `The last reference takes the bytes with it`(count: Int) throws {
        try expectWiped(count: count)
    }

    @Test(arguments: [200, 400, 1000])
    func `The last reference takes the bytes with it when the locked memory is full`(count: Int) throws {
        let filling = (0..<40_000).map { _ in Secret([1]) }
        try expectWiped(count: count)
        #expect(filling.count == 40_000)
    }

    @Test func `A new thread gets random bytes when the locked memory is full`() throws {
        let filling = (0..<40_000).map { _ in Secret([1]) }
        let lengths = Mutex<[Int]>([])
        let threads = (0..<16).map { _ in
            Thread {
                // The thread's own generator is set up by its first request.
                let secret = try? Secret.random(count: 20, from: SystemRandom())
                lengths.withLock { $0.append(secret?.count ?? 0) }
            }
        }
        for thread in threads { thread.start() }
        while lengths.withLock(\.count) < threads.count { Thread.sleep(forTimeInterval: 0.001) }
        #expect(lengths.withLock(\.self) == Array(repeating: 20, count: threads.count))
        #expect(filling.count == 40_000)
    }

    /// Looks for pieces of the secret: the start of freed memory soon holds something else, wiped or not.
    private func expectWiped(count: Int) throws {
        let complement = Self.complement(seed: UInt64(count), count: count)
        let pieces = [complement.suffix(20), complement.prefix(count / 2).suffix(20)].map(Array.init)
            .filter { $0.count == 20 }
        var secret: Secret? = Self.secret(ofComplement: complement)
        for piece in pieces { #expect(try ProcessMemory.occurrences(ofComplement: piece) == 1) }
        let isAlive = secret?.count == count
        #expect(isAlive)
        secret = nil
        for piece in pieces { #expect(try ProcessMemory.occurrences(ofComplement: piece) == 0) }
    }

    @Test func `Codes, texts and URIs leave no copy of the secret or of its text`() throws {
        let complement = Self.complement(seed: 5, count: 35)
        // The same in base32, complemented: what the text in memory would be.
        let textComplement = Base32.encode(Self.secret(ofComplement: complement)).exposedComplement
        func work() throws -> Int {
            let secret = Self.secret(ofComplement: complement)
            let credential = try Credential(
                label: Label(issuer: "Example", account: "alice"), algorithm: .sha256, secret: secret)
            let uri = try OTPAuthURI.encode(credential)
            let again = try uri.withBytes { (text: RawSpan) throws(FormatError) in try OTPAuthURI.decode(text) }
            #expect(again == credential)
            #expect(try OneTimePassword.code(for: again, at: 59).count == 6)
            let groups = Base32.groups(of: secret)
            let hashed = try secret.hashed(with: .sha1)
            return try groups.count + hashed.count + ProcessMemory.occurrences(ofComplement: complement)
        }
        #expect(try work() > 2)
        #expect(try ProcessMemory.occurrences(ofComplement: complement) == 0)
        #expect(try ProcessMemory.occurrences(ofComplement: textComplement) == 0)
    }
}

extension Secret {
    fileprivate var exposedComplement: [UInt8] {
        withBytes { bytes in (0..<bytes.byteCount).map { ~bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) } }
    }
}
