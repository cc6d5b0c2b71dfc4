import KeyProvision
import SQLiteLedger
import SecretFormats
import TestSupport
import Testing

/// Credentials that a key holds no more, since another was written over them.
struct SupersedingTests {
    private struct Written { let id: LedgerEntry.ID, attempt: Attempt }

    /// Another entry outside of a roster, proven on the key.
    private func write(
        _ bench: LedgerBench, on key: KeyIdentity, account: String = "anna", slot: Int? = nil,
        kind: Credential.Kind = .totp(period: 30), in batch: Batch? = nil
    ) throws -> (written: Written, superseded: [LedgerEntry]) {
        let terms = CredentialTerms(
            label: try Label(issuer: "Example", account: account), kind: kind, algorithm: .sha1, digits: 6)
        let attempt = Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: try bench.currentRun().id, key: key, slot: slot,
            terms: terms, sealedSecret: LedgerBench.secret())
        let entry = try bench.ledger.start(
            RosterEntry(account: account, issuer: "Example"), in: batch ?? bench.batch, with: attempt)
        return (Written(id: entry.id, attempt: attempt), try bench.ledger.finish(entry.id, .full))
    }

    @Test(arguments: LedgerMaker.all, [EntryState.verified, .exported, .forgotten])
    func `A proven write over the credential of another entry opens that one again`(
        maker: LedgerMaker, state: EntryState
    ) throws {
        let bench = try LedgerBench(maker)
        let elsewhere = try bench.ledger.begin(batch: "default", terms: "")
        let key = bench.nextKey()
        let first = try write(bench, on: key).written
        if state == .exported { try bench.ledger.markExported([first.id], target: "csv") }
        if state == .forgotten { try bench.ledger.forget([first.id]) }
        bench.time.now += 5
        let (second, superseded) = try write(bench, on: key, in: elsewhere)
        #expect(superseded == [try bench.entry(first.id)])
        #expect(superseded.map(\.state) == [.planned] && superseded.first?.changed == bench.time.now)
        #expect(try bench.entry(second.id).state == .verified)
        let event = try #require(try bench.allEvents().last)
        #expect(event.kind == .superseded && event.entry == first.id && event.batch == bench.batch.id)
        #expect(event.run == second.attempt.run)
        #expect(event.detail == "by_attempt=\(hex(second.attempt.id.bytes))\nby_entry=\(second.id)")
        #expect(throws: LedgerError.wrongState(.planned)) { try bench.ledger.undo(first.id) }
        // Its secret is one that nobody uses, and the key is not freed of what it holds now.
        #expect(try bench.ledger.leftovers(on: key, in: bench.batch) == [])
        #expect(try bench.ledger.forgetUnused(EntryQuery(), limit: 9) == (state == .forgotten ? 0 : 1))
        #expect(try bench.ledger.counts(batch: elsewhere.id).byState == [.verified: 1])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `What is in another place, or may be, stays`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let key = bench.nextKey()
        let twin = LedgerBench.key(serial: key.serial, model: "solo2")
        let nameless = LedgerBench.key(serial: nil)
        let writes: [(KeyIdentity, String, Int?, Credential.Kind)] = [
            (key, "anna", nil, .totp(period: 30)), (key, "ben", nil, .totp(period: 30)),
            (key, "anna", nil, .totp(period: 60)), (key, "anna", 1, .totp(period: 30)),
            (key, "anna", 2, .totp(period: 30)), (key, "anna", 1, .hotp(counter: 0)),
            (bench.nextKey(), "anna", nil, .totp(period: 30)), (twin, "anna", nil, .totp(period: 30)),
            (nameless, "anna", nil, .totp(period: 30)), (nameless, "anna", nil, .totp(period: 30)),
        ]
        for (key, account, slot, kind) in writes {
            #expect(try write(bench, on: key, account: account, slot: slot, kind: kind).superseded == [])
        }
        #expect(try bench.ledger.counts(batch: nil).byState == [.verified: writes.count])
        // HOTP takes the name of TOTP, and another person the slot.
        #expect(try write(bench, on: key, kind: .hotp(counter: 7)).superseded.map(\.roster.account) == ["anna"])
        #expect(try write(bench, on: key, account: "zoe", slot: 2).superseded.map(\.roster.account) == ["anna"])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A write that was not proven supersedes nothing`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let key = bench.nextKey()
        let first = try write(bench, on: key).written
        let entry = try bench.ledger.start(
            RosterEntry(account: "anna", issuer: "Example"), in: bench.batch, with: try bench.attempt(on: key))
        try bench.ledger.fail(entry.id, reason: "removed")
        #expect(try bench.entry(first.id).state == .verified)
        #expect(try bench.ledger.successor(of: first.id) == nil)
        try bench.checkIsClean()
    }

    @Test(
        .enabled(if: OutsideProgram.isInstalled("sqlite3"), "sqlite3 is not installed"))
    func `A ledger from before tells which of two done entries the key has`() throws {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "default", terms: "")
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        for serial in ["1", "2"] {
            let attempt = try LedgerBench.attempt(on: LedgerBench.key(serial: serial), run: run.id)
            try ledger.finish(try ledger.start(RosterEntry(account: "anna"), in: batch, with: attempt).id, .full)
        }
        // As if the second one had been written to the same key.
        try folder.sqlite3("UPDATE attempts SET serial = '1'; UPDATE entries SET key_serial = '1'")
        #expect(try ledger.successor(of: 1)?.id == 2)
        #expect(try ledger.successor(of: 2) == nil)
        #expect(try ledger.successor(of: 3) == nil)
    }
}
