import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// Sealed secrets that nobody uses any more: what counts as one, and that erasing them touches nothing else.
struct UnusedSecretTests {
    /// Secrets as they lie there, by their entry.
    private func secrets(_ bench: LedgerBench) throws -> [[UInt8]?] {
        try bench.ledger.entries(EntryQuery(withSecrets: true), after: nil, limit: 99).map { $0.attempt?.sealedSecret }
    }

    @Test(arguments: LedgerMaker.all, EntryState.allCases)
    func `The secret that an entry has is used while it is on its way or proven, and not otherwise`(
        maker: LedgerMaker, state: EntryState
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        try bench.bring(to: state)
        let hasSecret = [.writing, .verified, .exported].contains(state)
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == (state == .failed ? 1 : 0))
        let before = try bench.contents()
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == (state == .failed ? 1 : 0))
        if state == .failed {
            #expect(try secrets(bench) == [nil])
            #expect(try bench.allEvents().last?.kind == .erased)
        } else {
            #expect(try bench.contents() == before)
            #expect(try secrets(bench) == [hasSecret ? LedgerBench.secret() : nil])
        }
        #expect(try bench.ledger.counts(batch: nil) == before.counts)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Failed attempts and keys that were taken back leave unused secrets, and the verified one stays`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let id = try bench.bring(to: .failed, secret: LedgerBench.secret("first"))
        let other = try bench.bring(to: .verified, secret: LedgerBench.secret("other"))
        try bench.bring(to: .exported, secret: LedgerBench.secret("second"))
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 1)
        try bench.ledger.undo(id)
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 2)
        try bench.bring(to: .verified, secret: LedgerBench.secret("third"))
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 2)
        let names = try bench.ledger.attempts(of: id).map(\.id)
        let before = try bench.ledger.entries(EntryQuery(), after: nil, limit: 9)
        bench.time.now += 100
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == 2)
        // The day of an entry is that of its key.
        #expect(try bench.ledger.entries(EntryQuery(), after: nil, limit: 9) == before)
        #expect(try secrets(bench) == [LedgerBench.secret("third"), LedgerBench.secret("other")])
        let erased = try bench.allEvents().filter { $0.kind == .erased }
        #expect(erased.map(\.entry) == [id, id])
        #expect(erased.map(\.detail) == names.prefix(2).map { "attempt=" + hex($0.bytes) })
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 0)
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == 0)
        try bench.checkIsClean()
        // What is left can be forgotten as always, and is counted once.
        try bench.ledger.forget([id, other])
        #expect(try bench.allEvents().suffix(2).map(\.detail) == ["secrets=1", "secrets=1"])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A run that ends in the middle leaves an unused secret, and one that goes on none`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        try bench.bring(to: .writing)
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 0)
        bench.endRun()
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 1)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Unused secrets are chosen by batch, state and account, and so many at a time`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        _ = try bench.plan([RosterEntry(account: "anna")], in: other)
        try bench.plan(accounts: "anna", "ben", "cleo")
        for batch in [other, bench.batch] {
            let key = bench.nextKey()
            let id = try bench.reserve(key, in: batch).id
            try bench.ledger.startWriting(id, bench.attempt(on: key))
            try bench.ledger.fail(id, reason: "removed")
        }
        let ben = bench.nextKey()
        #expect(try bench.entry(bench.bring(to: .failed, with: ben)).roster.account == "ben")
        try bench.bring(to: .verified, with: ben)
        let queries: [(EntryQuery, Int)] = [
            (EntryQuery(), 3), (EntryQuery(batch: other.id), 1), (EntryQuery(batch: bench.batch.id), 2),
            (EntryQuery(accounts: ["anna"]), 2), (EntryQuery(accounts: ["anna", "ben", "ben", "zoe"]), 3),
            (EntryQuery(accounts: []), 0), (EntryQuery(batch: other.id, accounts: ["ben"]), 0),
            (EntryQuery(states: [.verified]), 1), (EntryQuery(states: []), 0),
        ]
        for (query, count) in queries { #expect(try bench.ledger.unusedSecrets(query) == count, "\(query)") }
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 0) == 0)
        #expect(try bench.ledger.forgetUnused(EntryQuery(accounts: ["ben", "anna"]), limit: 1) == 1)
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 2)
        #expect(try bench.ledger.forgetUnused(EntryQuery(batch: other.id), limit: 9) <= 1)
        #expect(try bench.ledger.unusedSecrets(EntryQuery(batch: other.id)) == 0)
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) >= 1)
        #expect(try bench.ledger.unusedSecrets(EntryQuery()) == 0)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `The data key of a run that is over goes with its last unused secret`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let run = try bench.currentRun().id
        try bench.bring(to: .failed)
        bench.endRun()
        #expect(try bench.ledger.sealedRun(run)?.dataKey == LedgerBench.dataKey)
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == 1)
        #expect(try bench.ledger.sealedRun(run) == SealedRun(id: run, dataKey: nil))
        try bench.checkIsClean()
    }

    @Test func `Of unused secrets that were erased no file of the ledger has the sealed bytes`() throws {
        let bench = try LedgerBench(try #require(LedgerMaker.all.first))
        try bench.plan(accounts: "anna", "ben")
        let (kept, failed, undone) = (
            LedgerBench.secret("kept"), LedgerBench.secret("fail"), LedgerBench.secret("back")
        )
        let id = try bench.bring(to: .verified, secret: undone)
        try bench.ledger.undo(id)
        try bench.bring(to: .failed, secret: failed)
        try bench.bring(to: .verified, secret: kept)
        for secret in [kept, failed, undone] { #expect(try !bench.files(with: secret).isEmpty) }
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == 2)
        try bench.ledger.compact()
        for secret in [failed, undone] { #expect(try bench.files(with: secret) == []) }
        #expect(try bench.files(with: kept) == ["ledger"])
        try bench.checkIsClean()
    }
}
