import Glibc
import KeyProvision
import SQLiteLedger

/// Plans many entries, and says how much memory that took.
struct Planner {
    private let ledger: SQLiteLedger
    private let batch: Batch

    init(_ path: String) throws {
        ledger = try LedgerStation.open(path)
        batch = try ledger.batch(named: Sample.batch) ?? ledger.begin(batch: Sample.batch, terms: "")
    }

    func plan(_ count: Int) throws {
        LedgerStation.say("planned \(try plan(0..<count)), peak \(try Memory.peak()) KiB")
    }

    /// Until the disk is full; each plan is whole or not there.
    func fill() throws {
        var planned = 0
        do throws(LedgerError) {
            while true { planned += try plan(planned..<planned + Self.portion) }
        } catch {
            LedgerStation.say("\(error) after \(planned)")
        }
        let check = try ledger.check()
        let count = try ledger.counts(batch: nil).total
        LedgerStation.say("findings \(check.findings), entries \(count)")
    }

    private static let portion = 100

    private func plan(_ numbers: Range<Int>) throws(LedgerError) -> Int {
        var rest = numbers.makeIterator()
        return try ledger.plan(batch) { rest.next().map(Sample.entry) }
    }
}

/// What the kernel says of this process.
enum Memory {
    /// The highest resident set so far, in KiB.
    static func peak() throws -> Int {
        var usage = rusage()
        guard unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else {
            throw StationFailure("getrusage: \(errno)")
        }
        return usage.ru_maxrss
    }
}
