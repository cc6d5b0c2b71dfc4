import ByteBuffers
import Foundation
import KeyProvision
import MockDevices
import SecretFormats
import Testing

@testable import keyprov

/// What the documents show is what the program does.
@Suite struct DocumentationTests {
    @Test func `Every command of the README runs`() throws {
        let lines = try document("README.md").split(separator: "\n")
        let commands = lines.filter { $0.hasPrefix("$ keyprov ") }.map { $0.dropFirst("$ keyprov ".count) }
        #expect(commands.count > 15)
        let stage = try stage()
        try Data("unused\n".utf8).write(to: stage.folder.appendingPathComponent("access-code.txt"))
        let picture = try QRCode(encoding: Secret(WipedBuffer(Self.uri.utf8))).png()
        for name in ["code.png", "screenshot.png"] {
            try Data(picture.withBytes { [UInt8](copying: $0) }).write(to: stage.folder.appendingPathComponent(name))
        }
        try Data("Account;Name\nalice;Alice Adams\n".utf8).write(
            to: stage.folder.appendingPathComponent("admins.csv"))
        try Data("account,name\nalice@example.com,Alice Adams\nbob@example.com,Bob Brown\n".utf8).write(
            to: stage.folder.appendingPathComponent("team.csv"))
        try Data("correct horse\n".utf8).write(to: stage.folder.appendingPathComponent("passphrase.txt"))
        try Data("correct horse\n".utf8).write(to: stage.folder.appendingPathComponent("pin.txt"))
        // The accounts of secrets.txt.
        let people =
            "account,name,street\n" + (1...100).map { "user\($0)@example.com,Person \($0),1 Street\n" }.joined()
        try Data(people.utf8).write(to: stage.folder.appendingPathComponent("people.csv"))
        for command in commands {
            // What a pipe does with it is another program's business.
            let words = Transcript.words(command.prefix { $0 != "|" }).map { $0 == Self.serial ? "99000001" : $0 }
            stage.terminal.input = Array(Self.uri.utf8)
            let result = stage.run(inFolder(words, stage))
            #expect(result.status == 0, "keyprov \(command): \(result.speech)")
        }
    }

    @Test func `The README's table of keys is what the virtual keys do`() throws {
        let document = try document("README.md")
        let table = "<!-- keys: written by 'make keys-table' -->\n\(KeyTable.markdown)<!-- end of keys -->\n"
        #expect(document.contains(table), "run 'make keys-table'")
        for entry in Catalog.entries {
            for model in entry.virtualModels {
                let stage = try stage()
                let pin = stage.folder.appendingPathComponent("pin")
                try Data("12345678\n".utf8).write(to: pin)
                let features = entry.family.features
                let slot = features.slots.map { ["--slot", "\($0.lowerBound)"] } ?? []
                let wantsPIN = features.pins.contains { $0.pin == .admin && $0.isAlwaysNeeded }
                let wantsIssuer = features.names == .apartInBMP
                let result = stage.run(
                    ["enroll", "--virtual", model.name, "--account", "a", "--json"] + slot
                        + (wantsIssuer ? ["--issuer", "i"] : []) + (wantsPIN ? ["--admin-pin-file", pin.path] : []))
                let verified = try object(result.output)["verified"] as? String
                let proof = try #require(entry.family.features.totp?.proof)
                // Old firmware of a family may prove in another way, which is never less than its codes; where it tells
                // none, the table says from when on it does.
                let firmware = try #require(Version(bytes: model.firmware.bytes))
                let isBeforeCodes = features.codesSince.map { firmware < $0 } ?? false
                #expect(
                    isBeforeCodes ? verified == "label only" : verified == proof.rawValue || verified == "codes",
                    "\(model.name)")
            }
        }
    }

    @Test func `The README's exit codes are those that there are`() throws {
        let rows = try document("README.md").split(separator: "\n").filter { $0.hasPrefix("|") }
            .compactMap { $0.split(separator: "|").first.flatMap { Int32($0.trimmingCharacters(in: .whitespaces)) } }
        #expect(rows == keyprov.ExitStatus.allCases.map(\.rawValue))
    }

    @Test func `Files that the documents name exist`() throws {
        let ours = ["Sources", "Tests", "Scripts", "Benchmarks"].compactMap {
            FileManager.default.enumerator(atPath: Self.root.appendingPathComponent($0).path)
        }
        let names = Set(ours.flatMap { $0.compactMap { ($0 as? String)?.split(separator: "/").last.map(String.init) } })
        let documents = try FileManager.default.contentsOfDirectory(atPath: Self.root.path + "/Docs")
            .filter { $0.hasSuffix(".md") }
        #expect(documents.count > 8)
        for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + documents.map({ "Docs/" + $0 }) {
            let folder = Self.root.appendingPathComponent(name).deletingLastPathComponent()
            for match in try document(name).matches(of: /\]\((?<link>[^)#:]+)\)/) {
                let file = folder.appendingPathComponent(String(match.output.link))
                #expect(FileManager.default.fileExists(atPath: file.path), "\(name): \(match.output.link)")
            }
            for match in try document(name).matches(of: /`(?<path>(?:Sources|Tests|Docs)\/[^`\s]+)`/) {
                let file = Self.root.appendingPathComponent(String(match.output.path))
                #expect(FileManager.default.fileExists(atPath: file.path), "\(name): \(match.output.path)")
            }
            for match in try document(name).matches(of: /`(?<file>[A-Za-z0-9_+-]+\.swift)`/) {
                #expect(names.contains(String(match.output.file)), "\(name): \(match.output.file)")
            }
        }
    }

    /// What a command ends with whose last line is meant.
    private static let lastLine = ["|", "tail", "-n", "1"]

    /// Each example stands after the command that prints such a document.
    @Test func `The documents in json_md have the members of those that are printed`() throws {
        let stage = try stage()
        stage.terminal.line = "otpauth://totp/a?secret=ABCDEFGHIJKLMNOP"
        try stage.startProcess(812, "pcscd", holding: try stage.bus.devices()[0])
        try prepareSealedFiles(stage)
        var command: [String]?
        var example: [Substring]?
        var checked: Set<String> = []
        for line in try document("Docs/json.md").split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```json" {
                example = []
            } else if line == "```", let lines = example {
                let words = try #require(command)
                stage.keys[0].heldInterfaces = words.first == "devices" ? [2] : []
                stage.terminal.input = Array(Self.uri.utf8)
                let wantsLast = words.suffix(Self.lastLine.count) == Self.lastLine[...]
                let arguments = wantsLast ? Array(words.dropLast(Self.lastLine.count)) : words
                let documents = stage.run(inFolder(arguments, stage)).output.split(separator: UInt8(ascii: "\n"))
                let output = (wantsLast ? documents.last : documents.first) ?? []
                let expected = try JSONSerialization.jsonObject(with: Data(lines.joined(separator: "\n").utf8))
                let printed = try JSONSerialization.jsonObject(with: Data(output))
                #expect(shape(expected) == shape(printed), "\(words)")
                checked.insert(words.prefix { !$0.hasPrefix("-") }.first ?? "")
                (command, example) = (nil, nil)
            } else if example != nil {
                example?.append(line)
            } else if line.hasPrefix("`keyprov ") {
                command = Transcript.words(line.dropFirst("`keyprov ".count).prefix { $0 != "`" })
            }
        }
        #expect(checked == Set(CommandTree.commands.compactMap(\.path.first)))
    }

    // MARK: Helpers

    private static let uri = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example"

    /// Of the key in the README, which is nobody's virtual one.
    private static let serial = "12345678"

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func document(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
    }

    private func stage() throws -> Stage {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        return stage
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    /// The files that the commands in json.md name.
    private func prepareSealedFiles(_ stage: Stage) throws {
        func path(_ name: String) -> String { stage.folder.appendingPathComponent(name).path }
        try Data("secret\n".utf8).write(to: URL(fileURLWithPath: path("secrets.txt")))
        try Data("account,slot,quantity,serial\nalice,,1,77\nbob,,2,\ncarol,x,1,\n".utf8)
            .write(to: URL(fileURLWithPath: path("admins.csv")))
        try Data("account\nalice\nbob\n".utf8).write(to: URL(fileURLWithPath: path("team.csv")))
        try Data("correct horse\n".utf8).write(to: URL(fileURLWithPath: path("pin.txt")))
        try Data("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n".utf8).write(to: URL(fileURLWithPath: path("boot.txt")))
        try Data((Self.uri + "\n").utf8).write(to: URL(fileURLWithPath: path("uris.txt")))
        let recipient = stage.run(["seal", "--new-identity", path("identity.key")]).outputText.dropLast()
        #expect(
            stage.run(["seal", path("secrets.txt"), "--recipient", String(recipient), "--out", path("sealed.age")])
                .status
                == 0)
    }

    /// The same command with its files in the stage's folder.
    private func inFolder(_ words: [String], _ stage: Stage) -> [String] {
        // Some commands name their file without an option.
        let options = [
            "--qr", "--out", "--qr-dir", "--access-code-file", "--passphrase-file", "--identity", "--new-identity",
            "--pin-file", "--new-pin-file", "--secret-file", "--from", "--addresses", "--sheet-dir", "--ledger",
            "convert", "import", "seal", "open", "check", "run",
        ]
        let places = Set(["none", "terminal"])
        return zip([""] + words, words).map { option, word in
            options.contains(option) && !places.contains(word) && !word.hasPrefix("-")
                ? stage.folder.path + "/" + word : word
        }
    }

    /// Members and kinds of values, without the values. A list is as its first element, null fits anything.
    private func shape(_ value: Any) -> String {
        switch value {
        case let object as [String: Any]:
            "{" + object.keys.sorted().map { $0 + ":" + shape(object[$0] ?? NSNull()) }.joined(separator: ",") + "}"
        case let list as [Any]: "[" + (list.first.map(shape) ?? "") + "]"
        case is NSNull: "null"
        case is String: "text"
        default: "number"
        }
    }
}
