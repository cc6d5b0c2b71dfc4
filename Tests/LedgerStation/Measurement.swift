import Glibc
import KeyProvision
import SQLiteLedger

/// Figures of a ledger with so many entries, which it makes. Times are of the wall and of this process's CPU.
struct Measurement {
    private let path: String
    private static let page = 1000
    private static let pages = 20
    private static let keys = 300

    init(_ path: String) { self.path = path }

    /// Plans entries and takes each through the line.
    func load(_ entries: Int) throws {
        let ledger = try LedgerStation.open(path)
        let batch = try ledger.begin(batch: Sample.batch, terms: "digits=6")
        var rest = (0..<entries).makeIterator()
        _ = try timed("plan", of: entries) { try ledger.plan(batch) { rest.next().map(Sample.entry) } }
        let run = try ledger.enter(station: "loading", sealedDataKey: Sample.dataKey, sealedTo: nil)
        try timed("reserve, write, verify", of: entries) {
            for serial in 0..<entries { try work(on: Sample.key(serial), ledger, batch, run) }
        }
    }

    /// Of a ledger that was loaded.
    func run() throws {
        var ledger = try timed("open", of: 1) { try LedgerStation.open(path) }
        guard let batch = try ledger.batch(named: Sample.batch) else { throw StationFailure("no batch") }
        let entries = try timed("counts", of: 1) { try ledger.counts(batch: batch.id) }.total
        var extra = (entries..<entries + Self.keys).makeIterator()
        _ = try timed("plan more", of: Self.keys) { try ledger.plan(batch) { extra.next().map(Sample.entry) } }
        let run = try timed("enter", of: 1) {
            try ledger.enter(station: "measure", sealedDataKey: Sample.dataKey, sealedTo: nil)
        }
        try timed("reserve, write, verify", of: Self.keys) {
            for serial in 0..<Self.keys { try work(on: Sample.key(entries + serial), ledger, batch, run) }
        }
        try timed("page out, with secrets", of: entries) { try pageOut(ledger, batch) }
        let done = try ledger.entries(
            EntryQuery(batch: batch.id, states: [.verified]), after: nil, limit: Self.page * Self.pages)
        try timed("mark exported", of: done.count) {
            for start in stride(from: 0, to: done.count, by: Self.page) {
                try ledger.markExported(done.dropFirst(start).prefix(Self.page).map { SeenEntry($0) }, target: "csv")
            }
        }
        try ledger.close()
        ledger = try timed("open again", of: 1) { try LedgerStation.open(path) }
        _ = try timed("check", of: entries) { try ledger.check() }
        let exported = try ledger.entries(
            EntryQuery(batch: batch.id, states: [.exported]), after: nil, limit: Self.page)
        try timed("forget", of: Self.page) { try ledger.forget(exported.map { SeenEntry($0) }) }
        try timed("compact", of: entries) { try ledger.compact() }
        try ledger.close()
    }

    private func work(
        on key: KeyIdentity, _ ledger: SQLiteLedger, _ batch: Batch, _ run: any LedgerRun
    ) throws {
        guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else {
            throw StationFailure("nothing to reserve")
        }
        let attempt = try Sample.attempt(on: key, account: entry.roster.account, run: run)
        try ledger.startWriting(entry.id, attempt)
        try ledger.finish(entry.id, attempt.id, .full)
    }

    private func pageOut(_ ledger: SQLiteLedger, _ batch: Batch) throws {
        var last: Int64?
        let query = EntryQuery(batch: batch.id, states: [.verified, .exported], withSecrets: true)
        while true {
            let page = try ledger.entries(query, after: last, limit: Self.page)
            guard page.count == Self.page else { return }
            last = page.last?.id
        }
    }

    private func timed<Value>(_ what: String, of count: Int, _ body: () throws -> Value) throws -> Value {
        let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
        let value = try body()
        let figures = [seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu].map {
            Int($0 * 1_000_000)
        }
        LedgerStation.say(
            "\(what): \(figures[0]) us, \(figures[1]) us CPU; each \(figures[0] / count) us, \(figures[1] / count) us CPU;"
                + " peak \(try Memory.peak()) KiB")
        return value
    }

    private func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
