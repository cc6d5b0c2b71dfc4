import Foundation
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// Sealed files as the commands leave them in a folder.
@Suite struct SealedExportTests {
    private static let uri = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\n"
    private static let secretSpellings = ["GEZDGNBVGY3TQOJQ", "12345678901234567890", "31323334353637383930"]
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    private static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n"

    private let stage: Stage

    init() throws {
        stage = try Stage()
        try write("uris", Array(Self.uri.utf8))
        try write("key", Array(Self.identity.utf8))
    }

    private func path(_ name: String) -> String { stage.folder.appendingPathComponent(name).path }
    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: stage.folder.appendingPathComponent(name))
    }
    private func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: stage.folder.appendingPathComponent(name)))
    }
    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: stage.folder.path))
    }

    @Test func `The manifest of a sealed export has the sum of the sealed file`() throws {
        let arguments = [
            "convert", path("uris"), "--to", "privacyidea", "--serial", "KP{n}", "--out", path("tokens.age"),
        ]
        #expect(stage.run(arguments + ["--recipient", Self.recipient]).status == 0)
        let file = try read("tokens.age")
        let sum = hex(try HashAlgorithm.sha256.digest(of: file))
        let manifest = String(decoding: try read("tokens.age.manifest.jsonl"), as: UTF8.self)
        #expect(manifest.contains("\"sha256\":\"\(sum)\""))
        for name in ["tokens.age", "tokens.age.manifest.jsonl"] {
            let text = String(decoding: try read(name), as: UTF8.self)
            for spelling in Self.secretSpellings { #expect(!text.contains(spelling), "\(name)") }
        }
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("age"))) func `age opens an export that was sealed`() throws {
        let arguments = ["convert", path("uris"), "--to", "base32", "--out", path("sealed.age")]
        #expect(stage.run(arguments + ["--recipient", Self.recipient]).status == 0)
        let age = try #require(OutsideProgram("age"))
        let opened = try age.run(["--decrypt", "--identity", path("key"), path("sealed.age")])
        #expect(String(decoding: opened, as: UTF8.self) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n")
    }

    /// Three chunks and a bit, so that whole ones are right before the end is missed.
    @Test func `A sealed file that was cut off or changed leaves nothing behind`() throws {
        let contents = [UInt8](repeating: 0x41, count: 200_000)
        try write("plain", contents)
        #expect(
            stage.run(["seal", path("plain"), "--recipient", Self.recipient, "--out", path("whole.age")]).status == 0)
        let whole = try read("whole.age")
        let before = try names().union(["bad.age"])
        let payload = whole.count - contents.count - 4 * 16
        for length in [0, 1, 100, payload, payload + 65_552, payload + 2 * 65_552, whole.count - 1] {
            try write("bad.age", Array(whole.prefix(length)))
            for out in [path("opened"), "-"] where length > 0 || out != "-" {
                let result = stage.run(["open", path("bad.age"), "--identity", path("key"), "--out", out])
                #expect(result.status == 65, "\(length) bytes, \(result.speech)")
                #expect(result.output.isEmpty)
            }
            #expect(try names() == before, "\(length) bytes")
        }
        var changed = whole
        changed[whole.count - 1] ^= 1
        try write("bad.age", changed)
        #expect(stage.run(["open", path("bad.age"), "--identity", path("key"), "--out", path("opened")]).status == 65)
        #expect(try names() == before)
        #expect(stage.run(["open", path("whole.age"), "--identity", path("key"), "--out", path("opened")]).status == 0)
        #expect(try read("opened") == contents)
    }

    @Test func `An interrupted command leaves no sealed file`() throws {
        try write("plain", [UInt8](repeating: 0x41, count: 300_000))
        let before = try names()
        stage.interruption = 1
        let arguments = ["seal", path("plain"), "--recipient", Self.recipient, "--out", path("whole.age")]
        #expect(stage.run(arguments).status == 75)
        #expect(try names() == before)
    }

    @Test func `A second reading of a sealed input finds what stands twice`() throws {
        try write("twice", Array((Self.uri + Self.uri.replacing("alice", with: "bob")).utf8))
        #expect(
            stage.run(["seal", path("twice"), "--recipient", Self.recipient, "--out", path("twice.age")]).status == 0)
        let result = stage.run(["convert", path("twice.age"), "--to", "base32", "--identity", path("key")])
        #expect(result.status == 65)
        #expect(result.speech.contains("record 2: secret: the same as in record 1"))
    }
}
