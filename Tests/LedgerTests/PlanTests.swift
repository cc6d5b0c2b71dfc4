import KeyProvision
import Testing

/// Batches and what is planned in them.
struct PlanTests {
    private let roster = [
        RosterEntry(
            account: "anna", issuer: "Example", copy: 1, owner: "Anna Ünal", email: "anna@example.org",
            department: "Networks\nand more \\ less", serial: "77", slot: 2, profile: "keycloak"),
        RosterEntry(account: "anna", issuer: "Example", copy: 2), RosterEntry(account: "anna", issuer: "Other"),
        RosterEntry(account: "anna"), RosterEntry(account: "ben"),
    ]

    @Test(arguments: LedgerMaker.all)
    func `A roster is planned in its order with all its columns`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        bench.time.now += 5
        #expect(try bench.plan(roster) == 5)
        let entries = try bench.ledger.entries(EntryQuery(batch: bench.batch.id), after: nil, limit: 100)
        #expect(entries.map(\.roster) == roster)
        #expect(entries.map(\.id) == entries.map(\.id).sorted())
        for entry in entries {
            #expect(entry.state == .planned && entry.attempt == nil && entry.station == nil && entry.failure == nil)
            #expect(entry.batch == bench.batch.id && entry.changed == LedgerBench.start + 5)
        }
        #expect(try bench.ledger.counts(batch: bench.batch.id) == EntryCounts(byState: [.planned: 5]))
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `What is planned already is planned once`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan(roster)
        try bench.bring(to: .verified)
        let changed = roster + [RosterEntry(account: "cleo")]
        let before = try bench.ledger.entries(EntryQuery(), after: nil, limit: 100)
        #expect(try bench.plan(changed) == 1)
        let after = try bench.ledger.entries(EntryQuery(), after: nil, limit: 100)
        #expect(after.dropLast() == before[...])
        #expect(after.last?.roster.account == "cleo")
        #expect(try bench.plan(changed) == 0)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A batch takes other terms until something is done in it`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        #expect(try bench.ledger.restate(bench.batch, terms: "digits=8").terms == "digits=8")
        _ = try bench.plan(roster)
        let restated = try bench.ledger.restate(bench.batch, terms: "digits=7")
        #expect(restated == Batch(id: bench.batch.id, name: bench.batch.name, terms: "digits=7"))
        #expect(try bench.ledger.batch(named: bench.batch.name) == restated)
        let event = try #require(try bench.allEvents().last)
        #expect(event.kind == .restated && event.batch == bench.batch.id && event.detail == "terms=digits=7")

        try bench.bring(to: .reserved)
        let before = try bench.contents()
        #expect(throws: LedgerError.wrongState(.reserved)) { try bench.ledger.restate(bench.batch, terms: "digits=6") }
        #expect(throws: LedgerError.noSuchBatch("none")) {
            try bench.ledger.restate(Batch(id: 99, name: "none", terms: ""), terms: "digits=6")
        }
        #expect(try bench.contents() == before)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `The same account twice in one roster plans nothing`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let before = try bench.contents()
        for (issuer, roster) in [
            (String?.none, [RosterEntry(account: "x"), RosterEntry(account: "anna"), RosterEntry(account: "anna")]),
            ("Example", [self.roster[0], self.roster[1], self.roster[0]]),
        ] {
            #expect(throws: LedgerError.duplicateEntry(account: "anna", issuer: issuer)) { try bench.plan(roster) }
            #expect(try bench.contents() == before)
        }
        // Also where the account is in the batch already.
        try bench.plan(accounts: "anna")
        #expect(throws: LedgerError.duplicateEntry(account: "anna", issuer: nil)) {
            try bench.plan([RosterEntry(account: "anna"), RosterEntry(account: "ben"), RosterEntry(account: "anna")])
        }
        #expect(try bench.ledger.counts(batch: nil).total == 1)
    }

    @Test(arguments: LedgerMaker.all)
    func `A plan that stops half-way plans nothing`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let before = try bench.contents()
        for length in 0...4 {
            var left = length
            #expect(throws: LedgerError.stopped) {
                try bench.ledger.plan(bench.batch) { () throws(LedgerError) in
                    guard left > 0 else { throw .stopped }
                    left -= 1
                    return RosterEntry(account: "new \(left)")
                }
            }
            #expect(try bench.contents() == before)
        }
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `The ledger can be read while it plans, and is not changed by who plans`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        var rest = roster[...]
        _ = try bench.ledger.plan(bench.batch) { () throws(LedgerError) in
            _ = try bench.ledger.counts(batch: nil)
            #expect(throws: LedgerError.self) { try bench.ledger.begin(batch: "another", terms: "") }
            return rest.popFirst()
        }
        #expect(try bench.ledger.batches().count == 1)
        #expect(try bench.ledger.counts(batch: nil).total == roster.count)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Batches have names of their own and keep their terms`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let terms = "algorithm=SHA256\nissuer=Example = Söhne\\Co"
        let second = try bench.ledger.begin(batch: "zweite", terms: terms)
        #expect(second.terms == terms)
        #expect(throws: LedgerError.batchExists("zweite")) { try bench.ledger.begin(batch: "zweite", terms: "") }
        #expect(try bench.ledger.batch(named: "zweite") == second)
        #expect(try bench.ledger.batch(named: "Zweite") == nil)
        #expect(try bench.ledger.batches() == [bench.batch, second])
        let none = Batch(id: 99, name: "none", terms: "")
        #expect(throws: LedgerError.noSuchBatch("none")) { try bench.plan(roster, in: none) }
        // The same account in two batches is two entries.
        #expect(try bench.plan(roster) == 5)
        #expect(try bench.plan(roster, in: second) == 5)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A key outside of a roster is an entry that is being written, with the next copy`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "anna", issuer: "Example", copy: 4)])
        try bench.bring(to: .verified)
        for copy in [5, 6] {
            let key = bench.nextKey()
            let attempt = try bench.attempt(on: key)
            let events = try bench.allEvents().count
            let entry = try bench.ledger.start(
                RosterEntry(account: "anna", issuer: "Example"), in: bench.batch, with: attempt)
            #expect(entry.roster.copy == copy && entry.state == .writing && entry.station == "desk")
            #expect(entry.attempt?.id == attempt.id)
            #expect(try bench.allEvents().dropFirst(events).map(\.kind) == [.planned, .reserved, .writing])
            #expect(throws: LedgerError.wrongState(.writing)) {
                try bench.ledger.start(RosterEntry(account: "ben"), in: bench.batch, with: bench.attempt(on: key))
            }
            try bench.ledger.finish(entry.id, .full)
        }
        // One key may hold several.
        let key = bench.nextKey()
        for (slot, account) in ["cleo", "dora"].enumerated() {
            let entry = try bench.ledger.start(
                RosterEntry(account: account), in: bench.batch, with: bench.attempt(on: key, slot: slot))
            #expect(entry.roster.copy == 1)
            try bench.ledger.finish(entry.id, .full)
        }
        #expect(try bench.ledger.counts(batch: bench.batch.id).byState == [.verified: 5])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A key outside of a roster takes the open entry of its name`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let roster = RosterEntry(account: "anna", issuer: "Example")
        let first = try bench.ledger.start(roster, in: bench.batch, with: bench.attempt(on: bench.nextKey()))
        try bench.ledger.fail(first.id, reason: "removed")
        let key = bench.nextKey()
        var wanted = roster
        (wanted.serial, wanted.slot) = (key.serial, 3)
        let events = try bench.allEvents().count
        let again = try bench.ledger.start(wanted, in: bench.batch, with: bench.attempt(on: key))
        #expect(again.id == first.id && again.roster == wanted && again.state == .writing)
        #expect(try bench.allEvents().dropFirst(events).map(\.kind) == [.corrected, .reserved, .writing])
        try bench.ledger.finish(again.id, .full)
        try bench.ledger.undo(again.id)
        // What another issuer has is not its name.
        let other = try bench.ledger.start(
            RosterEntry(account: "anna"), in: bench.batch, with: bench.attempt(on: bench.nextKey()))
        #expect(other.id != first.id)
        #expect(
            try bench.ledger.start(wanted, in: bench.batch, with: bench.attempt(on: bench.nextKey())).id == first.id)
        try bench.checkIsClean()
    }
}
