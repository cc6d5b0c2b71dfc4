import KeyProvision
import Testing

/// Every step from every state: what is allowed is done, and what is not changes nothing.
struct TransitionTests {
    enum Step: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case startWriting, finish, fail, release, undo, export, forget
        var testDescription: String { rawValue }
    }

    /// From where to where; what is not here is refused.
    private static let allowed: [Step: [EntryState: EntryState]] = [
        .startWriting: [.reserved: .writing],
        .finish: [.writing: .verified],
        .fail: [.reserved: .failed, .writing: .failed],
        .release: [.reserved: .planned],
        .undo: [.verified: .planned, .exported: .planned, .forgotten: .planned],
        .export: [.verified: .exported, .exported: .exported],
        .forget: [.verified: .forgotten, .exported: .forgotten],
    ]

    @Test(arguments: LedgerMaker.all, Step.allCases)
    func `Each step is taken from its states and refused from the others`(maker: LedgerMaker, step: Step) throws {
        for state in EntryState.allCases {
            let bench = try LedgerBench(maker)
            try bench.plan(accounts: "anna", "ben")
            let key = bench.nextKey()
            let id = try bench.bring(to: state, with: key)
            let before = try bench.contents()
            if let next = Self.allowed[step]?[state] {
                try take(step, id, key, bench)
                #expect(try bench.entry(id).state == next, "from \(state)")
                #expect(try bench.allEvents().count == before.events.count + 1)
            } else {
                #expect(throws: LedgerError.wrongState(state)) { try take(step, id, key, bench) }
                #expect(try bench.contents() == before, "from \(state)")
            }
            try bench.checkIsClean()
        }
    }

    @Test(arguments: LedgerMaker.all, Step.allCases)
    func `A step of an entry that there is not is refused`(maker: LedgerMaker, step: Step) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let before = try bench.contents()
        #expect(throws: LedgerError.noSuchEntry) { try take(step, 77, bench.nextKey(), bench) }
        #expect(try bench.contents() == before)
    }

    @Test(arguments: LedgerMaker.all)
    func `Entries are marked together in the order that they are given, or none of them`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        _ = try bench.plan(["a", "b", "c", "d"].map { RosterEntry(account: $0) })
        _ = try bench.plan([RosterEntry(account: "e")], in: other)
        let (first, second) = (try bench.bring(to: .verified), try bench.bring(to: .exported))
        let (third, open) = (try bench.bring(to: .verified), try bench.bring(to: .failed))
        let key = bench.nextKey()
        let elsewhere = try bench.reserve(key, in: other).id
        try bench.ledger.startWriting(elsewhere, bench.attempt(on: key))
        try bench.ledger.finish(elsewhere, .full)
        let before = try bench.contents()
        #expect(throws: LedgerError.wrongState(.failed)) {
            try bench.ledger.markExported([third, open, 77, first], target: "csv")
        }
        #expect(throws: LedgerError.noSuchEntry) {
            try bench.ledger.markExported([third, 77, open, first], target: "csv")
        }
        #expect(try bench.contents() == before)
        bench.time.now += 5
        let marked = [third, elsewhere, second, first, third]
        try bench.ledger.markExported(marked, target: "csv")
        let events = try bench.allEvents().dropFirst(before.events.count)
        #expect(events.map(\.entry) == marked)
        #expect(events.map(\.batch) == [bench.batch, other, bench.batch, bench.batch, bench.batch].map(\.id))
        for event in events {
            #expect(event.kind == .exported && event.detail == "target=csv" && event.run == nil)
            #expect(event.unixTime == bench.time.now)
        }
        for entry in marked { #expect(try bench.entry(entry).changed == bench.time.now) }
        #expect(try bench.ledger.counts(batch: bench.batch.id).byState == [.exported: 3, .failed: 1])
        #expect(try bench.ledger.counts(batch: other.id).byState == [.exported: 1])
        try bench.ledger.markExported([SeenEntry](), target: "csv")
        #expect(try bench.allEvents().count == before.events.count + marked.count)
        try bench.checkIsClean()
    }

    @Test func `The steps are those that the states allow`() {
        for state in EntryState.allCases where state != .planned && state != .failed {
            let reached = Set(Self.allowed.values.compactMap { $0[state] })
            #expect(reached == state.successors)
        }
    }

    private func take(_ step: Step, _ id: Int64, _ key: KeyIdentity, _ bench: LedgerBench) throws {
        let run = try bench.currentRun().id
        let attempt = try bench.ledger.attempts(of: id).last ?? bench.attempt(on: key)
        switch step {
        case .startWriting: try bench.ledger.startWriting(id, bench.attempt(on: key))
        case .finish: try bench.ledger.finish(id, attempt.id, .codes)
        case .fail: try bench.ledger.fail(id, of: run, reason: "removed")
        case .release: try bench.ledger.release(id, of: run)
        case .undo: try bench.ledger.undo(id)
        case .export: try bench.ledger.markExported([id], target: "csv")
        case .forget: try bench.ledger.forget([id])
        }
    }

    @Test(arguments: LedgerMaker.all)
    func `A failed entry that was reserved and released has failed as before`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let id = try bench.bring(to: .failed)
        let failed = try bench.entry(id)
        #expect(failed.failure == "removed")
        let again = try bench.reserve(bench.nextKey())
        #expect(again.id == id && again.state == .reserved && again.failure == nil)
        try bench.ledger.release(id)
        #expect(try bench.entry(id) == failed)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Only the run and the key that an entry is reserved for may write`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let other = try bench.ledger.enter(station: "other", sealedDataKey: [1], sealedTo: nil)
        let key = bench.nextKey()
        let id = try bench.reserve(key).id
        let before = try bench.contents()
        for attempt in [
            try bench.attempt(on: key, run: other.id), try bench.attempt(on: bench.nextKey()),
            try bench.attempt(on: LedgerBench.key(serial: key.serial, model: "solo2")),
        ] {
            #expect(throws: LedgerError.wrongState(.reserved)) { try bench.ledger.startWriting(id, attempt) }
        }
        #expect(try bench.contents() == before)
        try bench.ledger.startWriting(id, bench.attempt(on: key))
    }

    @Test(arguments: LedgerMaker.all)
    func `Only the run that has an entry in hand may end its work, and only for the attempt that was proven`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let (ledger, run, key) = (bench.ledger, try bench.currentRun().id, bench.nextKey())
        let other = try ledger.enter(station: "other", sealedDataKey: [1], sealedTo: nil).id
        let id = try bench.reserve(key).id
        func check(_ state: EntryState, _ attempt: Attempt.ID) throws {
            let before = try bench.contents()
            #expect(throws: LedgerError.wrongState(state)) { try ledger.fail(id, of: other, reason: "removed") }
            #expect(throws: LedgerError.wrongState(state)) { try ledger.release(id, of: other) }
            #expect(throws: LedgerError.wrongState(state)) { try ledger.finish(id, attempt, .full) }
            #expect(try bench.contents() == before)
        }
        let first = try bench.attempt(on: key)
        try check(.reserved, first.id)
        try ledger.startWriting(id, first)
        try ledger.fail(id, of: run, reason: "removed")
        #expect(try bench.reserve(key).id == id)
        try check(.reserved, first.id)
        let second = try bench.attempt(on: key)
        try ledger.startWriting(id, second)
        // What the first one proved says nothing of the second.
        try check(.writing, first.id)
        try ledger.finish(id, second.id, .full)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `An entry that got another secret or went on since it was seen is not exported and not forgotten`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        func refuse(_ seen: [SeenEntry], _ state: EntryState) throws {
            let before = try bench.contents()
            #expect(throws: LedgerError.wrongState(state)) { try bench.ledger.markExported(seen, target: "csv") }
            #expect(throws: LedgerError.wrongState(state)) { try bench.ledger.forget(seen) }
            #expect(try bench.contents() == before)
        }
        let ids = [try bench.bring(to: .verified), try bench.bring(to: .verified)]
        let first = try bench.ledger.seen(ids)
        try bench.ledger.undo(ids[1])
        #expect(try bench.bring(to: .verified) == ids[1])
        try refuse(first, .verified)
        let second = try bench.ledger.seen(ids)
        try bench.ledger.markExported(second, target: "csv")
        // Somebody else's export of the same entries.
        try refuse(second, .exported)
        try bench.ledger.forget(ids)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A list of entries is exported or forgotten whole or not at all`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo")
        let done = [try bench.bring(to: .verified), try bench.bring(to: .verified)]
        let open = try bench.bring(to: .writing)
        let before = try bench.contents()
        #expect(throws: LedgerError.wrongState(.writing)) {
            try bench.ledger.markExported(done + [open], target: "csv")
        }
        #expect(throws: LedgerError.wrongState(.writing)) { try bench.ledger.forget(done + [open]) }
        #expect(throws: LedgerError.noSuchEntry) { try bench.ledger.forget(done + [99]) }
        #expect(try bench.contents() == before)
        try bench.ledger.markExported(done, target: "csv")
        #expect(try bench.ledger.counts(batch: bench.batch.id).byState == [.exported: 2, .writing: 1])
        try bench.checkIsClean()
    }
}
