import Glibc
import KeyProvision
import SQLiteLedger

/// Takes keys in an order of its own until the batch is done, and says each entry that it finished.
struct Worker {
    private let ledger: SQLiteLedger
    private let station: String
    private let serials: Int
    private let seed: Int
    /// Steps between two numbers of the pool; a prime, so that each comes.
    private static let stride = 7919
    private static let pause: UInt32 = 2_000

    init(_ path: String, station: String, serials: Int, seed: Int) throws {
        ledger = try LedgerStation.open(path)
        self.station = station
        self.serials = serials
        self.seed = seed
    }

    func run() throws {
        guard let batch = try ledger.batch(named: Sample.batch) else { throw StationFailure("no batch") }
        let run = try ledger.enter(station: station, sealedDataKey: Sample.dataKey, sealedTo: nil)
        var next = seed
        while true {
            next = (next + Self.stride) % serials
            let key = Sample.key(next)
            switch try ledger.reserve(for: key, in: batch, run: run) {
            case .reserved(let entry):
                let attempt = try Sample.attempt(on: key, account: entry.roster.account, run: run)
                try ledger.startWriting(entry.id, attempt)
                try ledger.finish(entry.id, attempt.id, .full)
                LedgerStation.say("\(entry.id) \(next)")
            case .nothingOpen(inWork: 0): return
            case .nothingOpen: usleep(Self.pause)
            case .keyUsed, .keyInWork, .keyNotWanted: break
            }
        }
    }
}
