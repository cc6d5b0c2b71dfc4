internal import SecretFormats

/// What a key holds, as far as it tells what a batch did with the key: one with a serial number is known by that, another
/// by the names of its credentials alone.
struct NamesOnKey {
    private let key: KeyIdentity
    private let session: any ProvisioningSession
    /// Empty for a key with a serial number, which is not asked.
    private let stored: [StoredCredential]

    /// More than any key holds.
    private static let mostNames = 1000

    init(_ key: KeyIdentity, _ session: any ProvisioningSession) throws(LineError) {
        (self.key, self.session) = (key, session)
        guard key.serial == nil, !session.isLocked else {
            stored = []
            return
        }
        do throws(DeviceError) { stored = try session.list() } catch { throw .unread(error) }
    }

    /// Those that a credential of ours can have.
    var labels: [Label] { stored.compactMap { try? Label(issuer: $0.issuer, account: $0.account) } }

    /// Why this key is left alone: an entry that is done, or in hand, had an attempt whose credential may be on it, so that it
    /// may be the key that has the entry.
    func refusal(in batch: Batch, of ledger: any Ledger) throws(LineError) -> ReservationOutcome? {
        guard !stored.isEmpty else { return nil }
        let query = EntryQuery(
            batch: batch.id, states: Set(EntryState.allCases.filter { !$0.isOpen }), accounts: stored.map(\.account))
        let entries = try LineError.ledger(nil) { () throws(LedgerError) in
            try ledger.entries(query, after: nil, limit: Self.mostNames)
        }
        for entry in entries {
            let attempts = try attempts(at: entry, in: ledger)
            guard stored.contains(where: { isOf(attempts, $0) }) else { continue }
            return entry.state.isDone ? .keyUsed(by: entry) : .keyInWork(station: entry.station)
        }
        return nil
    }

    /// Whether what would be overwritten is of an attempt at this entry. Without a serial number that is so where all of it is
    /// as the attempt made it: in the place that is meant, another key may have something else.
    func isOfAttempt(
        at entry: LedgerEntry, of ledger: any Ledger, isInTheWay: (StoredCredential) -> Bool
    ) throws(LineError) -> Bool {
        guard key.serial == nil else { return entry.attempt.map { $0.key.isSame(as: key) } ?? false }
        let inTheWay = stored.filter(isInTheWay)
        guard !inTheWay.isEmpty else { return false }
        let attempts = try attempts(at: entry, in: ledger)
        return inTheWay.allSatisfy { isOf(attempts, $0) }
    }

    private func isOf(_ attempts: [Attempt], _ stored: StoredCredential) -> Bool {
        attempts.contains { session.holds(stored, of: $0) }
    }

    /// Of attempts on this key, or on one that it cannot be told from.
    private func attempts(at entry: LedgerEntry, in ledger: any Ledger) throws(LineError) -> [Attempt] {
        try LineError.ledger(entry) { () throws(LedgerError) in
            try ledger.attempts(of: entry.id).filter { $0.key.isSame(as: key) }
        }
    }
}
