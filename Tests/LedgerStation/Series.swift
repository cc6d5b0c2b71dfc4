import KeyProvision
import SQLiteLedger

/// Every kind of change once, on a new ledger. After each it says how many events stand then, which is on the disk when it can be
/// read: so whoever kills this knows what must be there, and at which numbers of events a change may end.
struct Series {
    private let ledger: SQLiteLedger

    init(_ path: String) throws { ledger = try LedgerStation.open(path) }

    func run() throws {
        try said { try ledger.setRecipients(["age1first"]) }
        let batch = try said { try ledger.begin(batch: Sample.batch, terms: "digits=6") }
        var roster = (0..<5).map(Sample.entry)[...]
        try said { _ = try ledger.plan(batch) { roster.popFirst() } }
        let run = try said { try ledger.enter(station: "desk", sealedDataKey: Sample.dataKey, sealedTo: ["age1first"]) }
        try said { try reserve(1, batch, run, finish: true) }
        try said { try reserve(2, batch, run, finish: true) }
        let third = try reserve(3, batch, run, finish: false)
        try said { try ledger.fail(third.entry, of: run.id, reason: "removed") }
        let again = try reserve(3, batch, run, finish: false)
        try said { try ledger.finish(again.entry, again.attempt, .codes) }
        try said { try ledger.markExported(seen([1, 2]), target: "csv") }
        try said { try ledger.rekey(to: ["age1second"]) { $0 + [1] } }
        try said { try ledger.undo(2) }
        try said { try ledger.forget(seen([1, again.entry])) }
        let attempt = try Sample.attempt(on: Sample.key(9), account: "extra", run: run)
        _ = try said { try ledger.start(RosterEntry(account: "extra"), in: batch, with: attempt) }
        try said { _ = try ledger.forgetUnused(EntryQuery(), limit: 9) }
        try said { try ledger.compact() }
        LedgerStation.say("done")
    }

    private func reserve(
        _ serial: Int, _ batch: Batch, _ run: any LedgerRun, finish: Bool
    ) throws -> (entry: LedgerEntry.ID, attempt: Attempt.ID) {
        let key = Sample.key(serial)
        guard case .reserved(let entry) = try said({ try ledger.reserve(for: key, in: batch, run: run) }) else {
            throw StationFailure("nothing to reserve")
        }
        let attempt = try Sample.attempt(on: key, account: entry.roster.account, run: run)
        try said { try ledger.startWriting(entry.id, attempt) }
        if finish { try said { try ledger.finish(entry.id, attempt.id, .full) } }
        return (entry.id, attempt.id)
    }

    private func seen(_ entries: [LedgerEntry.ID]) throws -> [SeenEntry] {
        try ledger.entries(EntryQuery(), after: nil, limit: 9).filter { entries.contains($0.id) }.map { SeenEntry($0) }
    }

    @discardableResult
    private func said<Value>(_ change: () throws -> Value) throws -> Value {
        let value = try change()
        var count: Int64 = 0
        while let last = try ledger.events(EventQuery(), after: count, limit: 1000).last { count = last.number }
        LedgerStation.say("\(count)")
        return value
    }
}
