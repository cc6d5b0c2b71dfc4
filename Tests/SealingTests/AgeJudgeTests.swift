import Foundation
import SecretFormats
import TestSupport
import Testing

@testable import Sealing

/// Debian's `age`, the reference implementation, opens what we seal and seals what we open.
@Suite(.enabled(if: OutsideProgram.isInstalled("age") && OutsideProgram.isInstalled("python3")))
struct AgeJudgeTests {
    private static let mebibytes10 = 10 << 20
    static let lengths = [0, 1, 65_535, 65_536, 65_537, mebibytes10]

    private static func contents(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    }

    private func age(_ arguments: [String]) throws -> [UInt8] { try #require(OutsideProgram("age")).run(arguments) }

    private func text(_ identity: AgeIdentity) -> [UInt8] {
        let text = WipedText()
        identity.write(into: text.buffer)
        return text.bytes
    }

    @Test(arguments: lengths, [false, true]) func `age opens what is sealed to a recipient`(
        length: Int, isArmored: Bool
    ) throws {
        let (identity, contents) = (try AgeIdentity.generate(from: SystemRandom()), Self.contents(length))
        let other = try AgeIdentity.generate(from: SystemRandom())
        let file = try seal(contents, .recipients([other.recipient, identity.recipient]), isArmored: isArmored)
        try withTemporaryFile(text(identity), extension: "key") { key in
            try withTemporaryFile(file, extension: "age") { file in
                let opened = try age(["--decrypt", "--identity", key, file])
                #expect(opened == contents)
            }
        }
    }

    @Test(arguments: lengths, [false, true]) func `What age seals to a recipient is opened`(
        length: Int, isArmored: Bool
    ) throws {
        let (identity, contents) = (try AgeIdentity.generate(from: SystemRandom()), Self.contents(length))
        try withTemporaryFile(contents, extension: "plain") { plain in
            let file = try age(
                ["--encrypt", "--recipient", identity.recipient.text] + (isArmored ? ["--armor"] : []) + [plain])
            let opened = try open(file, .identities([identity]))
            #expect(opened == contents)
        }
    }

    @Test func `An identity of age-keygen has the recipient that it says`() throws {
        let file = try #require(OutsideProgram("age-keygen")).run([])
        let identities = try file.withUnsafeBytes { try AgeIdentity.list(parsing: $0.bytes) }
        #expect(String(decoding: file, as: UTF8.self).contains("# public key: " + identities[0].recipient.text))
    }

    /// age takes passphrases from a terminal only.
    private static let terminal = """
        import os, pty, sys
        def answer(descriptor):
            data = os.read(descriptor, 1024)
            if b'passphrase' in data and b':' in data: os.write(descriptor, b'correct horse\\n')
            return data
        status = pty.spawn(sys.argv[1:], answer)
        sys.exit(os.waitstatus_to_exitcode(status))
        """

    private func ageWithPassphrase(_ arguments: [String]) throws {
        _ = try #require(OutsideProgram("python3")).run(["-c", Self.terminal, "age"] + arguments)
    }

    private func withOutput(_ body: (String) throws -> Void) throws -> [UInt8] {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-age-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
        return Array(try Data(contentsOf: url))
    }

    private let passphrase = WipedText("correct horse").secret

    @Test(arguments: [false, true]) func `age opens what is sealed with a passphrase`(isArmored: Bool) throws {
        let contents = Self.contents(65_537)
        let file = try seal(contents, .passphrase(passphrase), isArmored: isArmored)
        let opened = try withOutput { output in
            try withTemporaryFile(file, extension: "age") { file in
                try ageWithPassphrase(["--decrypt", "--output", output, file])
            }
        }
        #expect(opened == contents)
    }

    @Test(arguments: [false, true]) func `What age seals with a passphrase is opened`(isArmored: Bool) throws {
        let contents = Self.contents(65_537)
        let file = try withOutput { output in
            try withTemporaryFile(contents, extension: "plain") { plain in
                try ageWithPassphrase(
                    ["--encrypt", "--passphrase", "--output", output] + (isArmored ? ["--armor"] : []) + [plain])
            }
        }
        let opened = try open(file, .passphrase(passphrase))
        #expect(opened == contents)
    }
}
