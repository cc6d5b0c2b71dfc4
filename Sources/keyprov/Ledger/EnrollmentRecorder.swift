import KeyProvision
import SecretFormats

/// Keeps single enrollments and imports in the ledger, in a batch of their own.
final class EnrollmentRecorder {
    private let writer: LedgerWriter
    private let batch: Batch
    static let batchName = "default"

    init(_ writer: LedgerWriter) throws {
        self.writer = writer
        batch = try writer.batch(named: Self.batchName, terms: "").0
    }

    /// Before the secret is sent.
    func start(
        _ credential: Credential, _ options: WriteOptions, on device: DeviceInfo, isVirtual: Bool
    ) throws -> LedgerEntry {
        let id = try Attempt.ID(from: World.current.random)
        let attempt = Attempt(
            id: id, run: writer.run.id, key: KeyIdentity(device, isVirtual: isVirtual), slot: options.slot,
            terms: CredentialTerms(credential), sealedSecret: try writer.seal(credential.secret, id))
        let entry = RosterEntry(
            account: credential.label.account, issuer: credential.label.issuer, serial: device.serial,
            slot: options.slot)
        return try LedgerUseFailure.at(writer.path) { () throws(LedgerError) in
            try writer.ledger.start(entry, in: batch, with: attempt)
        }
    }

    /// - Returns: what is said of entries whose credential was written over.
    func finish(_ entry: LedgerEntry, _ verification: Verification) throws(LedgerUseFailure) -> [String] {
        try LedgerUseFailure.at(writer.path) { () throws(LedgerError) in
            guard let attempt = entry.attempt else { throw .wrongState(entry.state) }
            let superseded = try writer.ledger.finish(entry.id, attempt.id, verification)
            guard !superseded.isEmpty else { return [] }
            let batches = try writer.ledger.batches()
            return superseded.map { entry in
                LedgerWords.superseded(entry, batch: batches.first { $0.id == entry.batch }?.name ?? "")
            }
        }
    }

    /// The error that is reported is the key's; that this one was not recorded shows by the state of the entry.
    func fail(_ entry: LedgerEntry, _ error: DeviceError) {
        try? writer.ledger.fail(entry.id, of: writer.run.id, reason: error.failureWord)
    }
}
