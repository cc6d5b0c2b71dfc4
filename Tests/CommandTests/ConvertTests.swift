import ByteBuffers
import Foundation
import SecretFormats
import Synchronization
import TestSupport
import Testing

@testable import keyprov

/// `keyprov convert` in process, with files in a folder of its own.
@Suite struct ConvertTests {
    private static let uri = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\n"
    private static let hex = "3132333435363738393031323334353637383930"

    @Test func `A file goes from one format into another, through all that it needs`() throws {
        let folder = try Folder()
        let uris = try folder.file("uris.txt", Self.uri)
        let result = folder.run(["convert", uris, "--to", "privacyidea", "--serial", "KP{n}"])
        #expect(result.status == 0)
        #expect(result.output == "KP1,\(Self.hex),totp,6,30\n")
        #expect(
            result.speech == "keyprov: warning: not written, as 'privacyidea' has no place for it: account, issuer\n")
    }

    @Test func `A record that does not fit is refused, and nothing is written or printed`() throws {
        let folder = try Folder()
        let uris = try folder.file("uris.txt", Self.uri + Self.uri.replacing("Q&", with: "Q&digits=8&"))
        let options = ["--serial", "KP{n}", "--manufacturer", "Example", "--model", "Key"]
        let message = "keyprov: error: record 2: digits: Microsoft Entra ID takes 6 only\n"
        let printed = folder.run(["convert", uris, "--to", "entra"] + options)
        #expect(printed.status == 65)
        #expect(printed.output.isEmpty)
        #expect(printed.speech == message)
        let out = folder.path("entra.csv")
        let written = folder.run(["convert", uris, "--to", "entra", "--out", out] + options)
        #expect(written.status == 65)
        #expect(written.speech == message)
        #expect(try folder.names() == ["uris.txt"], "not even a temporary file")
    }

    @Test func `An encrypted file is new, of its owner only, and opens with its passphrase alone`() throws {
        let folder = try Folder()
        let uris = try folder.file("uris.txt", Self.uri)
        let passphrase = try folder.file("passphrase", "correct horse\n")
        let wrong = try folder.file("wrong", "correct horse battery\n")
        let pskc = folder.path("keys.xml")
        let command = ["convert", uris, "--to", "pskc", "--serial", "KP{n}", "--out", pskc]
        #expect(folder.run(command + ["--out-passphrase-file", passphrase]).status == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: pskc)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(folder.run(command).status == 74, "the file exists")
        let back = ["convert", pskc, "--to", "otpauth"]
        #expect(folder.run(back + ["--passphrase-file", passphrase]).output == Self.uri)
        for arguments in [back, back + ["--passphrase-file", wrong]] {
            let result = folder.run(arguments)
            #expect(result.status == 65)
            #expect(result.output.isEmpty)
            #expect(!result.speech.contains("horse"))
        }
    }

    @Test func `A file that several formats fit is not guessed at`() throws {
        let folder = try Folder()
        let csv = try folder.file("keys.csv", "KP1,\(Self.hex),totp,6,30\n")
        let result = folder.run(["convert", csv, "--to", "otpauth"])
        #expect(result.status == 64)
        #expect(result.speech.contains("may be one of privacyidea, linotp, netiq: say which with --from"))
        let named = folder.run(["convert", csv, "--to", "otpauth", "--from", "netiq"])
        #expect(named.output == "otpauth://totp/KP1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n")
        let text = try folder.file("text", "hello\n")
        #expect(folder.run(["convert", text, "--to", "otpauth"]).status == 65)
    }

    @Test func `The standard input is converted like a file`() throws {
        let folder = try Folder()
        let result = folder.run(["convert", "-", "--to", "base32"], input: Self.uri)
        #expect(result.output == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n")
        let named = folder.run(["convert", "-", "--to", "otpauth", "--account", "bob"], input: result.output)
        #expect(named.output == "otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n")
    }

    @Test func `Ten thousand records pass in blocks, and all arrive`() throws {
        let folder = try Folder()
        let rows = (0..<10_000).map { "KP\($0),\(Self.hex.dropLast(8))\(10_000_000 + $0),hotp,6,\($0)\n" }.joined()
        let csv = try folder.file("keys.csv", rows)
        let out = folder.path("again.csv")
        let arguments = ["convert", csv, "--from", "privacyidea", "--to", "privacyidea", "--out", out]
        #expect(folder.run(arguments).status == 0)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == rows)
    }

    @Test func `The manifest tells what is in the batch, and no secret`() throws {
        let folder = try Folder()
        let csv = try folder.file(
            "keys.csv", "KP1,\(Self.hex),totp,6,30\nKP2,\(Self.hex.reversed().map(String.init).joined()),hotp,8,7\n")
        let out = folder.path("tokens.csv")
        #expect(folder.run(["convert", csv, "--from", "privacyidea", "--to", "privacyidea", "--out", out]).status == 0)
        let manifest = try String(contentsOfFile: out + BatchFile.suffix, encoding: .utf8)
        let lines = try manifest.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["serial"] as? String } == ["KP1", "KP2", nil])
        #expect((lines[1]["credential"] as? [String: Any])?["counter"] as? Int == 7)
        let summary = try #require(lines.last)
        #expect(summary["file"] as? String == "tokens.csv")
        #expect(summary["count"] as? Int == 2)
        let sum = try #require(OutsideProgram("sha256sum")).run([out])
        #expect(String(decoding: sum, as: UTF8.self).hasPrefix(try #require(summary["sha256"] as? String) + " "))
        #expect(!manifest.contains(Self.hex) && !manifest.contains("GEZDGNBV"))
    }

    @Test func `Every format of the list is in the table, with the limits it refuses by`() throws {
        let folder = try Folder()
        let table = folder.run(["convert", "--list-formats"]).output.split(separator: "\n")
        #expect(table.count == FormatList.all.count + 1)
        for (format, line) in zip(FormatList.all, table.dropFirst()) {
            #expect(line.hasPrefix(format.name + " "))
            for field in format.limits.required { #expect(line.contains(field.name + "*")) }
            for judge in format.judges { #expect(line.contains(judge)) }
        }
        let documents = folder.run(["convert", "--list-formats", "--json"]).output.split(separator: "\n")
        let names = try documents.map { document in
            try #require(JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])["name"] as? String
        }
        #expect(names == FormatList.all.map(\.name))
    }

    @Test(arguments: [["convert"], ["convert", "x"], ["convert", "x", "--to", "nonsense"]])
    func `What is missing on the command line is named`(arguments: [String]) throws {
        #expect(try Folder().run(arguments).status == 64)
    }
}

/// A folder that goes with the test.
private final class Folder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-convert-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path) }

    func run(_ arguments: [String], input: String = "") -> (status: Int32, output: String, speech: String) {
        let (output, speech) = (MemorySink(), MemorySink())
        var world = World()
        world.output = output
        world.speech = speech
        world.terminal = NoTerminal(input: input)
        world.environment = { _ in nil }
        world.pictureProgram = { BuiltProgram.pictures?.path }
        let status = World.$current.withValue(world) { Keyprov.run(arguments) }
        return (status, output.text, speech.text)
    }
}

private final class MemorySink: ByteSink {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock(\.self), as: UTF8.self) }

    func write(_ added: RawSpan) {
        let copy = [UInt8](copying: added)
        bytes.withLock { $0 += copy }
    }
}

private struct NoTerminal: Terminal {
    let input: String
    var outputIsTerminal: Bool { false }
    var speechIsTerminal: Bool { false }
    var speechSize: TerminalSize? { nil }

    func askForSecret(_ prompt: String) -> Secret? { nil }
    func ask(_ prompt: String) -> String? { nil }
    func readInput(limit: Int) -> Secret { Secret(WipedBuffer(input.utf8)) }
}
