import Foundation
import GRDB
import KeyProvision
import SecretFormats
import Synchronization
import TestSupport
import Testing

@testable import SQLiteLedger

/// What a ledger costs when it is large.
struct CostTests {
    /// Tables that hold a row for each run that is alive, for each batch, or one.
    private static let small = [
        "runs_alive", "batches", "counts", "recipients", "head", "CONSTANT ROW", "page", "(subquery",
        "json_each", "attempts_unused",
    ]

    @Test func `No statement on the way of a key walks through a table of the ledger`() throws {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let seen = Mutex<Set<String>>([])
        _ = try ledger.access { db -> Bool? in
            db.trace { event in
                if case .statement(let statement) = event { seen.withLock { _ = $0.insert(statement.sql) } }
            }
            return true
        }
        try useAll(of: ledger)
        let statements = seen.withLock { $0 }.filter { sql in
            ["SELECT", "INSERT", "UPDATE", "DELETE"].contains { sql.hasPrefix($0) }
        }
        #expect(statements.count > 30)
        for sql in statements.sorted() {
            let plan: [String]? = try ledger.access { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: Self.nothing(for: sql)).map {
                    $0["detail"]
                }
            }
            for step in plan ?? [] where step.hasPrefix("SCAN") {
                #expect(Self.small.contains { step.contains($0) }, "\(sql): \(step)")
            }
        }
    }

    /// Enough arguments for any statement: only its text is looked at.
    private static func nothing(for sql: String) -> StatementArguments {
        let numbered = (1...9).filter { sql.contains("?\($0)") }.count
        let count = numbered > 0 ? numbered : sql.count { $0 == "?" }
        return StatementArguments([Int?](repeating: nil, count: count))
    }

    private func useAll(of ledger: SQLiteLedger) throws {
        let batch = try ledger.restate(try ledger.begin(batch: "admins", terms: ""), terms: "digits=6")
        var roster = (0..<8).map { RosterEntry(account: "a\($0)", serial: $0 < 2 ? "s\($0)" : nil) }[...]
        _ = try ledger.plan(batch) { roster.popFirst() }
        for serial in ["s9", "s0"] {
            roster = [RosterEntry(account: "a0", serial: serial)]
            _ = try ledger.plan(batch) { roster.popFirst() }
        }
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        func attempt(_ key: KeyIdentity) throws -> Attempt {
            let terms = CredentialTerms(
                label: try Label(account: "a"), kind: .totp(period: 30), algorithm: .sha1, digits: 6)
            return Attempt(
                id: try Attempt.ID(from: SystemRandom()), run: run.id, key: key, slot: nil, terms: terms,
                sealedSecret: [1])
        }
        for serial in ["k1", "k1", "s0", "k2", "k3", "k4"] {
            let key = LedgerBench.key(serial: serial)
            guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else { continue }
            if serial == "k2" { try ledger.release(entry.id); continue }
            try ledger.startWriting(entry.id, attempt(key))
            if serial == "k3" { try ledger.fail(entry.id, reason: "x") } else { try ledger.finish(entry.id, .full) }
            if serial == "k4" {
                try ledger.markExported([entry.id], target: "csv")
                try ledger.forget([entry.id])
                try ledger.undo(entry.id)
            }
        }
        _ = try ledger.start(RosterEntry(account: "a9"), in: batch, with: attempt(LedgerBench.key(serial: "k9")))
        try ledger.finish(try ledger.entries(EntryQuery(accounts: ["a9"]), after: nil, limit: 1)[0].id, .full)
        _ = try ledger.successor(of: 1)
        _ = try ledger.enter(station: "other", sealedDataKey: [2], sealedTo: nil)
        for states in [nil, [EntryState.verified], [.verified, .exported]] as [Set<EntryState>?] {
            for batch in [nil, batch.id] {
                _ = try ledger.entries(EntryQuery(batch: batch, states: states, withSecrets: true), after: 1, limit: 5)
            }
        }
        _ = try ledger.entries(EntryQuery(batch: batch.id, accounts: ["a1"]), after: nil, limit: 5)
        _ = try ledger.entries(EntryQuery(serial: "k1"), after: nil, limit: 5)
        _ = try ledger.secretCounts(EntryQuery(batch: batch.id, states: [.verified, .exported]))
        _ = try ledger.secretCounts(EntryQuery(states: [.verified]))
        for accounts in [nil, ["a1", "a2"]] {
            _ = try ledger.unusedSecrets(EntryQuery(batch: batch.id, accounts: accounts))
            _ = try ledger.forgetUnused(EntryQuery(batch: batch.id, accounts: accounts), limit: 1)
        }
        _ = try ledger.counts(batch: nil)
        _ = try ledger.counts(batch: batch.id)
        _ = try ledger.attempts(of: 1)
        _ = try ledger.sealedRun(run.id)
        for query in [
            EventQuery(), EventQuery(batch: batch.id), EventQuery(batch: batch.id, entry: 1), EventQuery(since: 1),
        ] {
            _ = try ledger.events(query, after: 0, limit: 5)
        }
    }

    @Test(.enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"))
    func `A hundred thousand entries are planned in as much memory as ten thousand`() throws {
        func peak(_ count: Int) throws -> Int {
            let folder = try LedgerFolder()
            let outcome = try StationProcess.run(folder.ledger, ["plan", "\(count)"])
            let words = (outcome.lines.last ?? "").split(separator: " ")
            #expect(words.prefix(2) == ["planned", "\(count),"])
            return try #require(words.dropLast().last.flatMap { Int($0) })
        }
        let (few, many) = (try peak(10_000), try peak(100_000))
        // The cache of pages may fill up, which is 8 MiB, and nothing may grow with the entries.
        #expect(many < few + 12 * 1024, "\(few) KiB and \(many) KiB")
    }
}
