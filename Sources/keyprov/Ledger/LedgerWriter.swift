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
        try self.init(ledger, path: store.path, station: station) { try keys.sealing(for: ledger, at: store.path) }
    }

    /// - Parameters:
    ///   - path: for what is said of it.
    ///   - sealing: is asked anew where the recipients of the ledger were changed before the run was in it.
    init(
        _ ledger: any Ledger, path: String, station: String, sealing: () throws -> LedgerSealing
    ) throws {
        (self.ledger, self.path) = (ledger, path)
        (sealer, run) = try Self.enter(ledger, path: path, station: station, sealing)
    }

    private static func enter(
        _ ledger: any Ledger, path: String, station: String, _ sealing: () throws -> LedgerSealing
    ) throws -> (RecordSealer, any LedgerRun) {
        while true {
            try World.current.checkInterruption()
            do {
                let sealing = try sealing()
                let sealer = try RecordSealer(for: sealing.key, random: World.current.random)
                let run = try LedgerUseFailure.at(path) { () throws(LedgerError) in
                    if let recipients = sealing.newRecipients { try ledger.setRecipients(recipients) }
                    return try ledger.enter(
                        station: station, sealedDataKey: sealer.sealedDataKey, sealedTo: sealing.ledgerRecipients)
                }
                return (sealer, run)
            } catch LedgerUseFailure.store(.recipientsChanged, _) {
                // Another process was faster: what it chose counts.
            }
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
