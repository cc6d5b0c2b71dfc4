import Foundation
import KeyProvision
import SQLiteLedger
import Testing

/// Runs that enter while another process seals the ledger to others.
struct RekeyTests {
    @Test(arguments: LedgerMaker.all)
    func `A run does not enter with a data key for recipients of before a rekey`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.ledger.setRecipients(["age1a", "age1b"])
        let read = try bench.ledger.recipients()
        try bench.another().rekey(to: ["age1c"]) { $0 + [9] }
        let before = try bench.contents()
        #expect(throws: LedgerError.recipientsChanged) {
            try bench.ledger.enter(station: "late", sealedDataKey: [1], sealedTo: read)
        }
        #expect(try bench.contents() == before)
        #expect(throws: LedgerError.recipientsChanged) {
            try bench.ledger.enter(station: "late", sealedDataKey: [1], sealedTo: [])
        }
        let run = try bench.ledger.enter(station: "late", sealedDataKey: [2], sealedTo: ["age1c"])
        #expect(try bench.ledger.sealedRun(run.id)?.dataKey == [2])
        // One that was sealed to somebody of its own is not asked.
        let own = try bench.ledger.enter(station: "own", sealedDataKey: [3], sealedTo: nil)
        #expect(try bench.ledger.sealedRun(own.id)?.dataKey == [3])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A ledger that was rekeyed to a passphrase is told from a new one, and gets no recipients by the way`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        #expect(try bench.ledger.recipients() == nil)
        try bench.ledger.setRecipients(["age1a"])
        try bench.ledger.rekey(to: []) { $0 }
        #expect(try bench.ledger.recipients() == [])
        #expect(throws: LedgerError.recipientsChanged) { try bench.ledger.setRecipients(["age1a"]) }
        #expect(throws: LedgerError.recipientsChanged) {
            try bench.ledger.enter(station: "late", sealedDataKey: [1], sealedTo: ["age1a"])
        }
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `A run that entered before a rekey is reached by it, in the middle of its work`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.ledger.setRecipients(["age1a"])
        try bench.plan(accounts: "anna")
        let run = try bench.ledger.enter(station: "early", sealedDataKey: [1], sealedTo: ["age1a"])
        try bench.another().rekey(to: ["age1b"]) { $0 + [9] }
        let key = bench.nextKey()
        guard case .reserved(let entry) = try bench.ledger.reserve(for: key, in: bench.batch, run: run) else {
            Issue.record("nothing was reserved")
            return
        }
        try bench.ledger.startWriting(entry.id, bench.attempt(on: key, run: run.id))
        #expect(try bench.ledger.sealedRun(run.id)?.dataKey == [1, 9])
        let resealed = try bench.allEvents().filter { $0.kind == .resealed }
        #expect(resealed.map(\.run) == [try bench.currentRun().id, run.id])
        try bench.checkIsClean()
    }

    @Test(.enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"))
    func `However runs and rekeys of several processes fall together, all data keys are for the last recipients`()
        throws
    {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        _ = try ledger.begin(batch: "admins", terms: "")
        try ledger.setRecipients(["age1first"])
        let runs = 40
        let running = try [["enter", "0", "\(runs)"], ["enter", "\(runs)", "\(runs)"], ["rekey", "\(runs)"]].map {
            try StationProcess.start(folder.ledger, $0)
        }
        for (process, output) in running {
            let outcome = try StationProcess.end(process, output)
            #expect(outcome.status == 0, "\(outcome.lines)")
        }
        let recipients = try #require(try ledger.recipients())
        #expect(recipients == ["age1number\(runs - 1)"])
        for run in 1...Int64(2 * runs) {
            let dataKey = try #require(try ledger.sealedRun(run)?.dataKey)
            #expect(String(decoding: dataKey, as: UTF8.self) == "for " + recipients.joined(), "run \(run)")
        }
        #expect(try ledger.check().findings == [])
    }
}
