import Foundation
import KeyProvision
import SQLiteLedger
import SecretFormats
import Synchronization
import TestSupport
import Testing

@testable import keyprov

/// What leaves the ledger, judged by programs that know nothing of it.
@Suite struct LedgerExportTests {
    static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n"

    private let bench: LedgerFolder

    init() throws { bench = try LedgerFolder() }

    @Test(.enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"))
    func `oathtool computes from an export what the keys compute`() throws {
        let oathtool = try #require(OutsideProgram("oathtool"))
        let kinds = [[], ["--algorithm", "SHA256", "--digits", "8"], ["--period", "60"]]
        for (number, kind) in kinds.enumerated() { try bench.enroll("user\(number)", kind) }
        #expect(
            bench.run("export", "--format", "otpauth", "--include-virtual", "--out", bench.path("uris")).status == 0)
        let uris = try bench.text("uris").split(separator: "\n")
        #expect(uris.count == kinds.count)
        for (number, uri) in uris.enumerated() {
            let parts = try #require(URLComponents(string: String(uri)))
            func item(_ name: String) -> String? { parts.queryItems?.first { $0.name == name }?.value }
            let ours = bench.stage.run(["code", "--virtual", "yubikey5:user\(number)", "--at", "1795299200"])
            let theirs = try oathtool.run([
                "--totp=\(item("algorithm") ?? "SHA1")", "--digits", item("digits") ?? "6", "--time-step-size",
                "\(item("period") ?? "30")s", "--now", "@1795299200", "--base32", try #require(item("secret")),
            ])
            #expect(ours.status == 0 && ours.output == theirs, "user\(number): \(ours.speech)")
        }
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("age"), "age is not installed"))
    func `age opens a sealed export, and nothing of it is on the disk in clear`() throws {
        let secret = try bench.enroll("alice")
        try bench.write("key", Self.identity)
        let arguments = ["--include-virtual", "--out", bench.path("tokens.age"), "--recipient", Self.recipient]
        #expect(bench.run(["export", "--format", "base32"] + arguments).status == 0)
        let age = try #require(OutsideProgram("age"))
        let opened = try age.run(["--decrypt", "--identity", bench.path("key"), bench.path("tokens.age")])
        #expect(String(decoding: opened, as: UTF8.self) == secret + "\n")
        for spelling in try LedgerFolder.spellings(of: secret) {
            for name in ["tokens.age", "tokens.age.manifest.jsonl"] {
                let contents = try Data(contentsOf: URL(fileURLWithPath: bench.path(name)))
                #expect(contents.range(of: Data(spelling)) == nil, "\(name)")
            }
        }
    }

    @Test(
        .enabled(
            if: OutsideProgram.isInstalled("age") && OutsideProgram.isInstalled("python3"),
            "age or python3 is not installed"))
    func `age opens the data key of a run with the ledger's identity`() throws {
        try bench.enroll("alice")
        try bench.putDataKey(into: "data.age")
        let age = try #require(OutsideProgram("age"))
        let opened = try age.run(["--decrypt", "--identity", bench.ledger + ".identity", bench.path("data.age")])
        #expect(opened.count == 32)
        #expect(bench.run("rekey", "--recipient", Self.recipient).status == 0)
        try bench.write("key", Self.identity)
        try bench.putDataKey(into: "again.age")
        #expect(try age.run(["--decrypt", "--identity", bench.path("key"), bench.path("again.age")]) == opened)
    }

    @Test func `An interrupted export leaves no file and marks nothing, wherever it is interrupted`() throws {
        for number in 0..<5 { try bench.enroll("user\(number)") }
        let before = try bench.namesBesideLedger()
        let arguments = ["export", "--format", "otpauth", "--include-virtual", "--out", bench.path("uris")]
        var looks = 0
        while true {
            bench.stage.interruption = looks
            let result = bench.run(arguments)
            if result.status == 0 { break }
            #expect(result.status == 75, "\(result.speech)")
            #expect(try bench.namesBesideLedger() == before)
            #expect(bench.run("status", "--only", "exported").outputText.split(separator: "\n").count == 2)
            looks += 1
        }
        #expect(looks > 2)
        #expect(try bench.text("uris").split(separator: "\n").count == 5)
    }

    @Test func `A file that is not finished is exported again, and none is lost`() throws {
        try bench.enroll("alice")
        let arguments = ["export", "--format", "otpauth", "--include-virtual", "--out"]
        // Where the file cannot be put in place the entries stay as they were.
        try FileManager.default.createDirectory(atPath: bench.path("taken"), withIntermediateDirectories: true)
        #expect(bench.run(arguments + [bench.path("taken")]).status == 74)
        #expect(bench.run(arguments + [bench.path("no/folder/uris")]).status == 74)
        #expect(bench.run(arguments + [bench.path("uris")]).status == 0)
        #expect(bench.run(arguments + [bench.path("more")]).status == 65)
    }

    @Test func `An entry that got another secret while the file was written is not marked as exported`() throws {
        for name in ["alice", "bob", "carol"] { try bench.enroll(name) }
        let outcome = try bench.export(to: "uris", pageLength: 9) { try Self.make(2, anewIn: $0) }
        #expect(outcome.written == 3 && outcome.unmarked == 1)
        let exported = bench.run("status", "--only", "exported", "--json").outputText
        #expect(exported.contains("\"alice\"") && !exported.contains("\"bob\"") && exported.contains("\"carol\""))
    }

    @Test func `An entry that got another secret while others were forgotten keeps it`() throws {
        for name in ["alice", "bob"] { try bench.enroll(name) }
        let export = ["export", "--format", "otpauth", "--include-virtual", "--out", bench.path("uris")]
        #expect(bench.run(export).status == 0)
        let looks = Mutex(0)
        let path = bench.ledger
        bench.stage.look = {
            // After the first page, which has them all.
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            guard look == 2 else { return }
            #expect(throws: Never.self) { try Self.make(2, anewIn: SQLiteLedger(path: path) { 1_795_299_300 }) }
        }
        let outcome = bench.run("forget", "--exported", "--json")
        #expect(outcome.outputText.contains("\"forgotten\":1,\"chosen\":2"), "\(outcome.outputText)")
        #expect(outcome.speech.contains("changed by another meanwhile, and left as it is: 1 entry"))
        #expect(bench.run("status", "--only", "verified", "--json").outputText.contains("\"bob\""))
    }

    /// Takes the entry back, and gives it a new secret on the same key.
    private static func make(_ entry: LedgerEntry.ID, anewIn ledger: any Ledger) throws {
        let old = try #require(try ledger.attempts(of: entry).last)
        let batch = try #require(try ledger.batches().first)
        let run = try ledger.enter(station: "other", sealedDataKey: [1], sealedTo: nil)
        let new = Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: run.id, key: old.key, slot: old.slot, terms: old.terms,
            sealedSecret: [1])
        try ledger.undo(entry)
        _ = try ledger.reserve(for: old.key, in: batch, run: run)
        try ledger.startWriting(entry, new)
        try ledger.finish(entry, new.id, .full)
        withExtendedLifetime(run) {}
    }

    @Test func `A link to a ledger has the identity of the ledger`() throws {
        try bench.enroll("alice")
        let link = bench.path("link.db")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: bench.ledger)
        let export = bench.run(
            "export", "--format", "otpauth", "--include-virtual", "--out", bench.path("uris"), "--ledger", link)
        #expect(export.status == 0, "\(export.speech)")
    }

    @Test func `More entries than a page are exported in their order, each once`() throws {
        let names = (0..<7).map { "user\($0)" }
        for name in names { try bench.enroll(name) }
        for pageLength in [1, 2, 3, 7, 8] {
            let file = "uris\(pageLength)"
            #expect(try bench.export(to: file, pageLength: pageLength).written == 7)
            let accounts = try bench.text(file).split(separator: "\n").map { $0.split(separator: "?")[0].dropFirst(15) }
            #expect(accounts.map(String.init) == names, "\(pageLength)")
        }
        #expect(try bench.text("uris1.manifest.jsonl").split(separator: "\n").count == 8)
    }
}
