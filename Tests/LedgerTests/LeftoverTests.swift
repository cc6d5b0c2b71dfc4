import KeyProvision
import SecretFormats
import Testing

/// What a key may hold that nobody gets.
struct LeftoverTests {
    @Test(arguments: LedgerMaker.all)
    func `A failed attempt is left over from the moment that another key is at its entry`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let (first, second) = (bench.nextKey(), bench.nextKey())
        let entry = try bench.reserve(first)
        let attempt = try bench.attempt(on: first)
        try bench.ledger.startWriting(entry.id, attempt)
        try bench.ledger.fail(entry.id, reason: "removed")
        func leftovers(_ key: KeyIdentity) throws -> [Attempt.ID] {
            try bench.ledger.leftovers(on: key, in: bench.batch).map(\.id)
        }
        // The key gets its entry back, so what it holds is about to be overwritten.
        #expect(try leftovers(first) == [])

        let other = try bench.reserve(second)
        #expect(other.roster.account == "ben")
        try bench.ledger.startWriting(other.id, bench.attempt(on: second))
        try bench.ledger.finish(other.id, .full)
        let third = bench.nextKey()
        #expect(try bench.reserve(third).id == entry.id)
        #expect(try leftovers(first) == [attempt.id])
        #expect(try leftovers(second) == [] && leftovers(third) == [])

        try bench.ledger.startWriting(entry.id, bench.attempt(on: third))
        #expect(try leftovers(first) == [attempt.id])
        try bench.ledger.finish(entry.id, .full)
        #expect(try leftovers(first) == [attempt.id])
        #expect(try leftovers(third) == [])
    }

    @Test(arguments: LedgerMaker.all)
    func `What a key proved later under the same name is not left over`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let key = bench.nextKey()
        for isProven in [false, true] {
            let entry = try bench.reserve(key)
            try bench.ledger.startWriting(entry.id, bench.attempt(on: key))
            if isProven {
                try bench.ledger.finish(entry.id, .full)
            } else {
                try bench.ledger.fail(entry.id, reason: "removed")
            }
        }
        #expect(try bench.ledger.leftovers(on: key, in: bench.batch) == [])
    }

    @Test(arguments: LedgerMaker.all)
    func `What was taken back without its key is left over on it, until the key proves that name again`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let (lost, other) = (bench.nextKey(), bench.nextKey())
        let id = try bench.reserve(lost).id
        let attempt = try bench.attempt(on: lost)
        try bench.ledger.startWriting(id, attempt)
        try bench.ledger.finish(id, .full)
        func leftovers(on key: KeyIdentity? = nil) throws -> [Attempt.ID] {
            try bench.ledger.leftovers(on: key ?? lost, in: bench.batch).map(\.id)
        }
        #expect(try leftovers() == [])
        try bench.ledger.undo(id)
        #expect(try leftovers() == [attempt.id])
        // Another key gets the entry, and is lost too; the first one is found again.
        #expect(try bench.reserve(other).id == id)
        #expect(try leftovers() == [attempt.id])
        let second = try bench.attempt(on: other)
        try bench.ledger.startWriting(id, second)
        try bench.ledger.finish(id, .full)
        #expect(try leftovers() == [attempt.id])
        try bench.ledger.undo(id)
        #expect(try bench.reserve(lost).id == id)
        try bench.ledger.startWriting(id, bench.attempt(on: lost))
        try bench.ledger.finish(id, .full)
        #expect(try leftovers() == [])
        let left = try bench.ledger.leftovers(on: other, in: bench.batch)
        #expect(left.map(\.id) == [second.id])
        // That it was deleted is in the history of the entry, which stays what it is.
        let before = try bench.ledger.entries(EntryQuery(), after: nil, limit: 10)
        try bench.ledger.markCleared(try #require(left.first), from: other, by: bench.currentRun())
        #expect(try bench.ledger.entries(EntryQuery(), after: nil, limit: 10) == before)
        let event = try #require(try bench.ledger.events(EventQuery(entry: id), after: 0, limit: 100).last)
        #expect(event.kind == .cleared && event.batch == bench.batch.id)
        #expect(EventDetail.value(of: "serial", in: event.detail) == other.serial)
        #expect(EventDetail.value(of: "account", in: event.detail) == attempt.terms.label.account)
        try bench.checkIsClean()
    }
}
