import KeyProvision
import SecretFormats
import Testing

/// Which entry a key gets, and what else it may hear.
struct ReservationTests {
    @Test(arguments: LedgerMaker.all)
    func `A key gets what it was interrupted at, then what names it, then the next, then what failed`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        let key = LedgerBench.key(serial: "100")
        try bench.plan(accounts: "interrupted", "failed elsewhere")
        try bench.bring(to: .failed, with: key)
        try bench.bring(to: .failed)
        _ = try bench.plan([
            RosterEntry(account: "first"), RosterEntry(account: "named", serial: "100"),
            RosterEntry(account: "named too", serial: "100"), RosterEntry(account: "second"),
        ])
        var order: [String] = []
        var last: Int64 = 0
        for slot in 0..<3 {
            let entry = try bench.reserve(key)
            order.append(entry.roster.account)
            if last == 0 { last = entry.id }
            try bench.ledger.startWriting(entry.id, bench.attempt(on: key, slot: slot))
            try bench.ledger.finish(entry.id, .full)
        }
        #expect(order == ["interrupted", "named", "named too"])
        #expect(
            try bench.ledger.reserve(for: key, in: bench.batch, run: bench.currentRun())
                == .keyUsed(by: bench.entry(last)))
        order = []
        for _ in 0..<3 { order.append(try bench.reserve(bench.nextKey()).roster.account) }
        #expect(order == ["first", "second", "failed elsewhere"])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A planned entry that names a key comes before one of the same key that failed`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "a", serial: "5"), RosterEntry(account: "b", serial: "5")])
        let key = LedgerBench.key(serial: "5", model: "another model")
        try bench.bring(to: .failed, with: key)
        #expect(try bench.reserve(LedgerBench.key(serial: "5")).roster.account == "b")
    }

    @Test(arguments: LedgerMaker.all)
    func `A key that failed comes back to its entry before the next one`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo")
        let key = bench.nextKey()
        let id = try bench.bring(to: .failed, with: key)
        #expect(try bench.reserve(bench.nextKey()).roster.account == "ben")
        let again = try bench.reserve(key)
        #expect(again.id == id && again.attempt?.key == key)
    }

    @Test(arguments: LedgerMaker.all)
    func `A key that has a secret of the batch is used, and of another batch is not`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let other = try bench.ledger.begin(batch: "other", terms: "")
        _ = try bench.plan([RosterEntry(account: "anna")], in: other)
        for state in [EntryState.verified, .exported, .forgotten] {
            let key = bench.nextKey()
            try bench.plan(accounts: "for \(state)")
            let id = try bench.bring(to: state, with: key)
            #expect(
                try bench.ledger.reserve(for: key, in: bench.batch, run: bench.currentRun())
                    == .keyUsed(by: bench.entry(id)))
            let elsewhere = try bench.reserve(key, in: other)
            try bench.ledger.release(elsewhere.id)
            // Without its secret it can be used again.
            try bench.ledger.undo(id)
            #expect(try bench.reserve(key).id == id)
            try bench.ledger.release(id)
            try bench.bring(to: .verified)
        }
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A used key that an open entry names is taken`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "a", serial: "5"), RosterEntry(account: "b", serial: "5")])
        let key = LedgerBench.key(serial: "5")
        try bench.bring(to: .verified, with: key)
        #expect(try bench.reserve(key).roster.account == "b")
    }

    @Test(arguments: LedgerMaker.all)
    func `A key in work is told from one that is free, in every batch`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let other = try bench.ledger.begin(batch: "other", terms: "")
        _ = try bench.plan([RosterEntry(account: "anna")], in: other)
        let key = bench.nextKey()
        let id = try bench.reserve(key).id
        for batch in [bench.batch, other] {
            #expect(
                try bench.ledger.reserve(for: key, in: batch, run: bench.currentRun()) == .keyInWork(station: "desk"))
        }
        // The same number of another model is another key.
        _ = try bench.reserve(LedgerBench.key(serial: key.serial, model: "solo2"), in: other)
        try bench.ledger.startWriting(id, bench.attempt(on: key))
        #expect(
            try bench.ledger.reserve(for: key, in: bench.batch, run: bench.currentRun()) == .keyInWork(station: "desk"))
    }

    @Test(arguments: LedgerMaker.all)
    func `Keys without a serial number are never used and never in work`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo")
        let key = LedgerBench.key(serial: nil)
        try bench.bring(to: .verified, with: key)
        _ = try bench.reserve(key)
        #expect(try bench.reserve(key).roster.account == "cleo")
    }

    @Test(arguments: LedgerMaker.all)
    func `A key without a serial number gets the entry back whose name is on it`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo")
        let key = LedgerBench.key(serial: nil)
        let id = try bench.reserve(key).id
        let attempt = try bench.attempt(on: key)
        try bench.ledger.startWriting(id, attempt)
        try bench.ledger.fail(id, reason: "removed")
        func reserved(_ key: KeyIdentity, _ names: [Label]) throws -> String? {
            guard
                case .reserved(let entry) = try bench.ledger.reserve(
                    for: key, holding: names, in: bench.batch, run: bench.currentRun())
            else { return nil }
            try bench.ledger.release(entry.id)
            return entry.roster.account
        }
        let name = attempt.terms.label
        #expect(try reserved(key, []) == "ben")
        #expect(try reserved(key, [Label(issuer: "Example", account: "zoe"), name]) == "anna")
        // Another issuer, another model, and a key that is known by its number.
        #expect(try reserved(key, [Label(account: "anna"), Label(issuer: "Other", account: "anna")]) == "ben")
        #expect(try reserved(LedgerBench.key(serial: nil, model: "solo2"), [name]) == "ben")
        #expect(try reserved(bench.nextKey(), [name]) == "ben")
        // A name that no attempt had says nothing.
        #expect(try reserved(key, [Label(issuer: "Example", account: "cleo")]) == "ben")
        // Once another key has the entry, nobody knows any more which of the two this is.
        let other = bench.nextKey()
        for account in ["ben", "cleo", "anna"] {
            let next = account == "anna" ? other : bench.nextKey()
            let entry = try bench.reserve(next)
            #expect(entry.roster.account == account)
            try bench.ledger.startWriting(entry.id, bench.attempt(on: next))
            if account != "cleo" {
                try bench.ledger.finish(entry.id, .full)
            } else {
                try bench.ledger.fail(entry.id, reason: "full")
            }
        }
        #expect(try reserved(key, [name]) == "cleo")
        // And once it was taken back from that one, it is open for the first again.
        try bench.ledger.undo(id)
        #expect(try reserved(key, [name]) == "anna")
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A name on a key without a serial number gives it no entry that is meant for another`(maker: LedgerMaker)
        throws
    {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "anna", serial: "5"), RosterEntry(account: "ben")])
        let meant = LedgerBench.key(serial: "5")
        let id = try bench.reserve(meant).id
        let attempt = try bench.attempt(on: meant)
        try bench.ledger.startWriting(id, attempt)
        try bench.ledger.fail(id, reason: "removed")
        let outcome = try bench.ledger.reserve(
            for: LedgerBench.key(serial: nil), holding: [attempt.terms.label], in: bench.batch, run: bench.currentRun())
        guard case .reserved(let entry) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(entry.roster.account == "ben")
    }

    @Test(arguments: LedgerMaker.all)
    func `What is open only for other keys names them`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "a", serial: "5"), RosterEntry(account: "b", serial: "6")])
        for key in [bench.nextKey(), LedgerBench.key(serial: nil)] {
            #expect(
                try bench.ledger.reserve(for: key, in: bench.batch, run: bench.currentRun())
                    == .keyNotWanted(wanted: ["5", "6"]))
        }
    }

    @Test(arguments: LedgerMaker.all)
    func `When nothing is open it says how many others have in hand`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        func answer() throws -> ReservationOutcome {
            try bench.ledger.reserve(for: bench.nextKey(), in: bench.batch, run: bench.currentRun())
        }
        #expect(try answer() == .nothingOpen(inWork: 0))
        try bench.plan(accounts: "anna", "ben")
        try bench.bring(to: .verified)
        try bench.bring(to: .writing)
        #expect(try answer() == .nothingOpen(inWork: 1))
    }

    @Test(arguments: LedgerMaker.all)
    func `A batch that is not there and a run that is over reserve nothing`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let none = Batch(id: 99, name: "none", terms: "")
        #expect(throws: LedgerError.noSuchBatch("none")) {
            try bench.ledger.reserve(for: bench.nextKey(), in: none, run: bench.currentRun())
        }
        final class Run: LedgerRun { let id: Int64 = 99 }
        let before = try bench.contents()
        #expect(throws: LedgerError.self) {
            try bench.ledger.reserve(for: bench.nextKey(), in: bench.batch, run: Run())
        }
        #expect(try bench.contents() == before)
    }
}
