import Dispatch
import KeyProvision
import Synchronization
import Testing

/// Who is at work, and what becomes of what they had in hand.
struct RunTests {
    @Test(arguments: LedgerMaker.all)
    func `The end of a run frees what it reserved and fails what it wrote`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo", "dora")
        let key = bench.nextKey()
        let failed = try bench.bring(to: .failed, with: key)
        let ids = [try bench.bring(to: .reserved), try bench.bring(to: .writing), try bench.bring(to: .verified)]
        #expect(try bench.reserve(key).id == failed)
        bench.endRun()
        let entries = try bench.ledger.entries(EntryQuery(), after: nil, limit: 9)
        #expect(entries.map(\.id) == [failed] + ids)
        #expect(entries.map(\.state) == [.failed, .planned, .failed, .verified])
        #expect(entries.map(\.failure) == ["removed", nil, LedgerFailure.interrupted, nil])
        #expect(entries.map(\.station) == ["desk", "desk", "desk", "desk"])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Runs that are alive keep what they have when another enters or ends`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let key = bench.nextKey()
        let id = try bench.bring(to: .writing, with: key)
        let before = try bench.contents().entries
        let other = try bench.another()
        do {
            let run = try other.enter(station: "other", sealedDataKey: [2], sealedTo: nil)
            let current = try bench.currentRun().id
            #expect(run.id != current)
            #expect(
                try other.reserve(for: key, in: bench.batch, run: run) == .keyInWork(station: "desk"))
        }
        #expect(try bench.contents().entries == before)
        try bench.ledger.finish(id, .full)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Two connections never get the same entry or the same key`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben", "cleo")
        let other = try bench.another()
        let run = try other.enter(station: "other", sealedDataKey: [2], sealedTo: nil)
        let key = bench.nextKey()
        let first = try bench.reserve(key)
        #expect(try other.reserve(for: key, in: bench.batch, run: run) == .keyInWork(station: "desk"))
        guard case .reserved(let second) = try other.reserve(for: bench.nextKey(), in: bench.batch, run: run) else {
            Issue.record("nothing was reserved")
            return
        }
        #expect(second.id != first.id && second.station == "other")
        #expect(throws: LedgerError.wrongState(.reserved)) {
            try bench.ledger.startWriting(second.id, bench.attempt(on: key))
        }
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Threads of one run never get the same entry or the same key`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan((0..<60).map { RosterEntry(account: "a\($0)") })
        let (ledger, batch, run) = (bench.ledger, bench.batch, try bench.currentRun())
        let outcomes = Mutex<[ReservationOutcome]>([])
        DispatchQueue.concurrentPerform(iterations: 100) { number in
            let key = LedgerBench.key(serial: "k\(number % 80)")
            guard let outcome = try? ledger.reserve(for: key, in: batch, run: run) else { return }
            outcomes.withLock { $0.append(outcome) }
        }
        var (entries, waiting) = (Set<Int64>(), 0)
        for outcome in outcomes.withLock({ $0 }) {
            switch outcome {
            case .reserved(let entry): #expect(entries.insert(entry.id).inserted)
            case .keyInWork, .nothingOpen: waiting += 1
            default: Issue.record("\(outcome)")
            }
        }
        #expect(entries.count == 60 && waiting == 40)
        try bench.checkIsClean()
    }
}
