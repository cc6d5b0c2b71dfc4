import KeyProvision
import Sealing
import SecretFormats

/// A run that adds secrets to a ledger. Each is sealed by itself; what this run can still read, no later one can without an
/// identity.
final class LedgerWriter: Sendable {
    let ledger: any Ledger
    let path: String
    let run: any LedgerRun
    private let sealer: RecordSealer

    convenience init(_ store: LedgerStore, _ keys: LedgerKeys, station: String) throws {
        let ledger = try store.open()
        try self.init(
            ledger, path: store.path, sealedTo: keys.sealingKey(for: ledger, at: store.path), station: station)
    }

    /// - Parameter path: for what is said of it.
    init(_ ledger: any Ledger, path: String, sealedTo key: SealingKey, station: String) throws {
        self.path = path
        self.ledger = ledger
        sealer = try RecordSealer(for: key, random: World.current.random)
        run = try LedgerUseFailure.at(path) { [sealer] () throws(LedgerError) in
            try ledger.enter(station: station, sealedDataKey: sealer.sealedDataKey)
        }
    }

    func seal(_ secret: Secret, _ attempt: Attempt.ID) throws(SealError) -> [UInt8] {
        try sealer.seal(secret, row: attempt.bytes)
    }

    /// The batch of that name; made where there is none.
    func batch(named name: String, terms: String) throws -> (Batch, isNew: Bool) {
        try LedgerUseFailure.at(path) { () throws(LedgerError) in
            if let known = try ledger.batch(named: name) { return (known, false) }
            return (try ledger.begin(batch: name, terms: terms), true)
        }
    }
}
