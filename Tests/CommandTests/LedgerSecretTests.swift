import Foundation
import MockDevices
import TestSupport
import Testing

@testable import keyprov

/// What lies in the files of a ledger, and what does not any more.
@Suite(.enabled(if: OutsideProgram.isInstalled("python3"), "python3 is not installed"))
struct LedgerSecretTests {
    private let bench: LedgerFolder
    private let secret: String

    init() throws {
        bench = try LedgerFolder()
        // A key of the bus: those that have names keep their memory in files, in clear.
        bench.stage.attach([try #require(VirtualModel.named("yubikey5"))])
        secret = try bench.enroll("alice")
    }

    private func expectNothingInClear() throws {
        for spelling in try LedgerFolder.spellings(of: secret) { #expect(try bench.files(with: spelling).isEmpty) }
    }

    @Test func `A secret never lies there in clear, and forgotten not even sealed`() throws {
        try expectNothingInClear()
        let sealed = try bench.sql("SELECT sealed FROM attempts") + bench.sql("SELECT data_key FROM runs")
        #expect(sealed.count == 2)
        for bytes in sealed { #expect(try !bench.files(with: bytes).isEmpty) }
        #expect(bench.run("forget", "alice", "--unexported").status == 0)
        for bytes in sealed { #expect(try bench.files(with: bytes).isEmpty) }
        try expectNothingInClear()
        #expect(bench.run("check").status == 0)
        #expect(bench.run("status", "--only", "forgotten").outputText.contains("alice"))
    }

    @Test func `What was forgotten is in no export, with whatever opened it before`() throws {
        try bench.enroll("bob", ["--replace"])
        #expect(bench.run("forget", "alice", "--unexported").status == 0)
        #expect(bench.run("export", "--format", "base32", "--include-virtual", "--out", bench.path("out")).status == 0)
        #expect(try !bench.text("out").contains(secret))
        #expect(try bench.text("out").split(separator: "\n").count == 1)
    }

    @Test func `What nobody uses is erased by itself, and what was verified stays`() throws {
        let undo = ["batch", "undo", "alice", "--batch", "default", "--without-key"]
        #expect(bench.stage.run(undo).status == 0)
        let verified = try bench.enroll("bob", ["--replace"])
        let sealed = try bench.sql("SELECT sealed FROM attempts ORDER BY number")
        let keys = try bench.sql("SELECT data_key FROM runs ORDER BY id")
        try #require(sealed.count == 2 && keys.count == 2)
        #expect(bench.run("forget", "--unused").status == 0)
        for bytes in [sealed[0], keys[0]] { #expect(try bench.files(with: bytes).isEmpty) }
        for bytes in [sealed[1], keys[1]] { #expect(try !bench.files(with: bytes).isEmpty) }
        #expect(bench.run("check").status == 0)
        #expect(bench.run("export", "--format", "base32", "--include-virtual", "--out", bench.path("out")).status == 0)
        #expect(try bench.text("out") == verified + "\n")
    }

    @Test func `A new key leaves nothing that the old one opens`() throws {
        let before = try #require(try bench.sql("SELECT data_key FROM runs").first)
        #expect(bench.run("rekey", "--recipient", LedgerExportTests.recipient).status == 0)
        #expect(try bench.files(with: before).isEmpty)
        let sealed = try #require(try bench.sql("SELECT sealed FROM attempts").first)
        #expect(try !bench.files(with: sealed).isEmpty)
    }

    @Test func `A rekey that cannot open all changes none`() throws {
        try bench.enroll("bob", ["--replace"])
        let before = try bench.sql("SELECT data_key FROM runs ORDER BY id")
        try bench.sql(
            "UPDATE runs SET data_key = (SELECT substr(data_key, 1, 100) FROM runs WHERE id = 2) WHERE id = 2")
        let broken = try bench.sql("SELECT data_key FROM runs ORDER BY id")
        #expect(broken.first == before.first && broken != before)
        let result = bench.run("rekey", "--recipient", LedgerExportTests.recipient)
        #expect(result.status == 65, "\(result.speech)")
        #expect(try bench.sql("SELECT data_key FROM runs ORDER BY id") == broken)
        let export = bench.run("export", "--format", "base32", "--include-virtual", "--out", bench.path("out"))
        #expect(export.status == 65)
        #expect(export.speech.contains("the secrets of 1 of 2 entries cannot be opened"), "\(export.speech)")
        #expect(!FileManager.default.fileExists(atPath: bench.path("out")))
    }

    @Test func `A sealed secret that was changed is named by its account`() throws {
        try bench.enroll("bob", ["--replace"])
        try bench.sql("UPDATE attempts SET sealed = (SELECT sealed FROM attempts WHERE number = 1) WHERE number = 2")
        let result = bench.run("export", "--format", "base32", "--include-virtual", "--out", bench.path("out"))
        #expect(result.status == 65)
        #expect(
            result.speech.contains(
                "the secret of 'bob' in the ledger cannot be used: the record was changed, or belongs to another row"),
            "\(result.speech)")
        #expect(!FileManager.default.fileExists(atPath: bench.path("out")))
        let check = bench.run("check")
        #expect(check.status == 65)
        #expect(check.outputText.contains("the sealed secret of entry 2 is missing, or not the one that was recorded"))
    }

    @Test func `An event that was edited is found, and a head that was written down is missed`() throws {
        let head = try #require(
            bench.run("check").outputText.split(separator: "\n").last?.split(separator: " ").last.map(String.init))
        try bench.enroll("bob", ["--replace"])
        let later = bench.run("check", "--head", head)
        #expect(later.status == 0)
        #expect(later.speech.contains("has the hash that was written down: nothing up to it was changed"))
        try bench.sql("UPDATE events SET detail = replace(detail, 'alice', 'mallory') WHERE kind = 'planned'")
        let result = bench.run("check", "--json")
        #expect(result.status == 65)
        #expect(result.outputText.contains(#""finding":"broken chain","text":"event 4 or one before it was changed"#))
        try bench.sql("UPDATE events SET hash = zeroblob(32)")
        #expect(bench.run("check", "--head", head).outputText.contains("no event has the hash that was written down"))
    }

    @Test(arguments: [
        ["status"], ["history"], ["check"], ["forget", "alice"], ["rekey", "--recipient", LedgerExportTests.recipient],
        ["export", "--format", "base32", "--out", "/dev/null/none"],
    ])
    func `A ledger of a newer version is left alone`(_ command: [String]) throws {
        try bench.sql("PRAGMA user_version = 99")
        let result = bench.run(command)
        #expect(result.status == 65)
        #expect(result.speech.contains("is of version 99, and this program knows 3"), "\(result.speech)")
    }
}
