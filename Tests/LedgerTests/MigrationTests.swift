import KeyProvision
import TestSupport
import Testing

@testable import SQLiteLedger

/// Files of older versions, which a new program brings to its own.
@Suite(.enabled(if: OutsideProgram.isInstalled("sqlite3"), "sqlite3 is not installed"))
struct MigrationTests {
    /// What is only there since the version.
    private static let additions = [
        2: "DROP INDEX attempts_unused; ALTER TABLE attempts DROP COLUMN unused",
        3: "DROP INDEX entries_person; ALTER TABLE entries DROP COLUMN person",
    ]

    /// A ledger of a batch in the middle of its work, as the program of that version would have left it.
    private func ledger(ofVersion version: Int) throws -> LedgerFolder {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var roster = ["anna", "Änne", "cleo", "Dora"].map { RosterEntry(account: $0) }[...]
        _ = try ledger.plan(batch) { roster.popFirst() }
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        func bring(_ serial: String, _ end: (LedgerEntry.ID) throws -> Void) throws {
            let key = LedgerBench.key(serial: serial)
            guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else { return }
            try ledger.startWriting(
                entry.id, LedgerBench.attempt(on: key, secret: LedgerBench.secret(serial), run: run.id))
            try end(entry.id)
        }
        try bring("1") { try ledger.finish($0, .full) }
        try bring("2") { try ledger.fail($0, reason: "removed") }
        try bring("2") { try ledger.finish($0, .full) }
        try bring("4") {
            try ledger.finish($0, .full)
            try ledger.forget([$0])
        }
        try bring("3") {
            try ledger.finish($0, .full)
            try ledger.undo($0)
        }
        try ledger.close()
        for newer in (version + 1)..<(Schema.version + 1) { try folder.sqlite3(try #require(Self.additions[newer])) }
        try folder.sqlite3("PRAGMA user_version = \(version)")
        return folder
    }

    @Test func `Each version is made of the one before`() throws {
        #expect(Set(Self.additions.keys) == Set(2...Schema.version))
        for version in 1..<Schema.version {
            let (old, new) = (try ledger(ofVersion: version), try LedgerFolder())
            // What was taken away is just what that version did not have.
            for migration in Schema.migrations.prefix(version) { try new.sqlite3(migration) }
            let tables = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
            #expect(try old.sqlite3(tables) == new.sqlite3(tables))
        }
    }

    @Test func `A ledger of an older version is brought to this one and goes on`() throws {
        for version in 1..<Schema.version {
            let folder = try ledger(ofVersion: version)
            #expect(throws: LedgerError.storage(.readOnly)) { try SQLiteLedger(readingPath: folder.ledger) }
            let ledger = try folder.open()
            #expect(try folder.sqlite3("PRAGMA user_version") == "\(Schema.version)\n")
            #expect(try ledger.check().findings == [])
            var roster = ["ANNA", "ÄNNE", "dora"].map { RosterEntry(account: $0) }[...]
            #expect(try ledger.plan(try #require(try ledger.batch(named: "admins"))) { roster.popFirst() } == 0)
            #expect(try ledger.unusedSecrets(EntryQuery()) == 2)
            #expect(try ledger.forgetUnused(EntryQuery(), limit: 9) == 2)
            let run = try ledger.enter(station: "next", sealedDataKey: [2], sealedTo: nil)
            let batch = try #require(try ledger.batch(named: "admins"))
            let key = LedgerBench.key(serial: "9")
            guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else {
                Issue.record("nothing was reserved")
                return
            }
            try ledger.startWriting(entry.id, LedgerBench.attempt(on: key, secret: LedgerBench.secret(), run: run.id))
            try ledger.finish(entry.id, .full)
            #expect(try ledger.check().findings == [])
        }
    }
}
