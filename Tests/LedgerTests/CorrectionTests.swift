import KeyProvision
import Testing

/// A roster that says something else than when it was planned.
struct CorrectionTests {
    private func outcome(
        _ bench: LedgerBench, _ roster: [RosterEntry], issuer: String? = nil
    ) throws -> PlanOutcome {
        var rest = roster[...]
        return try bench.ledger.plan(bench.batch, issuer: issuer) { rest.popFirst() }
    }

    private func rosters(_ bench: LedgerBench) throws -> [RosterEntry] {
        try bench.ledger.entries(EntryQuery(), after: nil, limit: 100).map(\.roster)
    }

    @Test(arguments: LedgerMaker.all, EntryState.allCases)
    func `Open entries are corrected, and others are named and left as they are`(
        maker: LedgerMaker, state: EntryState
    ) throws {
        let bench = try LedgerBench(maker)
        let first = RosterEntry(
            account: "alice", owner: "Alcie", email: "a@example.org", department: "A", slot: 1, profile: "ies")
        _ = try outcome(bench, [first, RosterEntry(account: "ben")])
        let id = try bench.bring(to: state)
        let right = RosterEntry(account: "alice", owner: "Alice", serial: "22222222", slot: 2)
        let before = try bench.contents()
        bench.time.now += 5
        let outcome = try outcome(bench, [right, RosterEntry(account: "ben")])
        var expected = PlanOutcome()
        if state.isOpen {
            expected.corrected = 1
            let entry = try bench.entry(id)
            #expect(entry.roster == right && entry.state == state && entry.changed == bench.time.now - 5)
            let event = try #require(try bench.allEvents().last)
            #expect(event.kind == .corrected && event.entry == id && event.batch == bench.batch.id)
            #expect(event.detail == EventDetail.planned(right).text)
            #expect(try bench.allEvents().count == before.events.count + 1)
        } else {
            (expected.differing, expected.firstDiffering) = (1, [first])
            #expect(try bench.contents() == before)
        }
        #expect(outcome == expected)
        try bench.checkIsClean()
        // Said once, it is so.
        #expect(try self.outcome(bench, [right]).corrected == 0)
        if state == .planned { #expect(try bench.reserve(LedgerBench.key(serial: "22222222")).id == id) }
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Only the first of many that differ are named`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let accounts = (1...9).map { "a\($0)" }
        _ = try outcome(bench, accounts.map { RosterEntry(account: $0) })
        for _ in accounts { try bench.bring(to: .verified) }
        let outcome = try outcome(bench, accounts.map { RosterEntry(account: $0, owner: "Somebody") })
        #expect(outcome.differing == 9 && outcome.firstDiffering.map(\.account) == ["a1", "a2", "a3", "a4", "a5"])
    }

    @Test(arguments: LedgerMaker.all)
    func `A person is the same in capital letters, and with the issuer that the batch has`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try outcome(bench, [RosterEntry(account: "alice"), RosterEntry(account: "Änne", issuer: "E")], issuer: "E")
        for (alice, anne) in [("alice", "Änne"), ("Alice", "änne"), ("ALICE", "ÄNNE")] {
            for issuer in [nil, "E", "e"] {
                let roster = [alice, anne].map { RosterEntry(account: $0, issuer: issuer) }
                #expect(try outcome(bench, roster, issuer: "E").added == 0)
            }
        }
        // Spelled as the roster does now, and the issuer that goes without saying is none.
        let again = [RosterEntry(account: "Alice"), RosterEntry(account: "Änne")]
        #expect(try outcome(bench, again, issuer: "E").corrected == 2)
        #expect(try outcome(bench, again, issuer: "E").corrected == 0)
        #expect(try rosters(bench).map(\.account) == ["Alice", "Änne"])
        try bench.checkIsClean()
        // Another issuer and another copy are others.
        let others = [RosterEntry(account: "alice", issuer: "Other"), RosterEntry(account: "alice", copy: 2)]
        #expect(try bench.ledger.unplanned(others + again, in: bench.batch, issuer: "E") == 2)
        #expect(try outcome(bench, others, issuer: "E").added == 2)
        let twice = [RosterEntry(account: "alice"), RosterEntry(account: "ALICE", issuer: "e")]
        #expect(throws: LedgerError.duplicateEntry(account: "ALICE", issuer: "e")) {
            try outcome(bench, twice, issuer: "E")
        }
        #expect(throws: LedgerError.duplicateEntry(account: "ÖZ", issuer: nil)) {
            try outcome(bench, [RosterEntry(account: "öz"), RosterEntry(account: "ÖZ")])
        }
        try bench.checkIsClean()
    }
}
