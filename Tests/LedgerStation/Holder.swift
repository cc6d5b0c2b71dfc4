import Glibc
import KeyProvision
import SQLiteLedger

/// Has one entry reserved and one in writing, and stays until it is killed.
struct Holder {
    private let ledger: SQLiteLedger

    init(_ path: String) throws { ledger = try LedgerStation.open(path) }

    func run() throws {
        guard let batch = try ledger.batch(named: Sample.batch) else { throw StationFailure("no batch") }
        let run = try ledger.enter(station: "held", sealedDataKey: Sample.dataKey, sealedTo: nil)
        for serial in [1, 2] {
            guard case .reserved(let entry) = try ledger.reserve(for: Sample.key(serial), in: batch, run: run) else {
                throw StationFailure("nothing to reserve")
            }
            if serial == 2 {
                try ledger.startWriting(
                    entry.id, Sample.attempt(on: Sample.key(serial), account: entry.roster.account, run: run))
            }
        }
        LedgerStation.say("holding \(run.id)")
        while true { pause() }
    }
}
