internal import SecretFormats

/// What a key holds, as far as it tells what a batch did with the key: one with a serial number is known by that, another
/// by the names of its credentials alone.
struct NamesOnKey {
    private let key: KeyIdentity
    /// Empty for a key with a serial number, which is not asked.
    private let stored: [StoredCredential]

    /// More than any key holds.
    private static let mostNames = 1000

    init(_ key: KeyIdentity, _ session: any ProvisioningSession) throws(LineError) {
        self.key = key
        guard key.serial == nil, !session.isLocked else {
            stored = []
            return
        }
        do throws(DeviceError) { stored = try session.list() } catch { throw .unread(error) }
    }

    /// Those that a credential of ours can have.
    var labels: [Label] { stored.compactMap { try? Label(issuer: $0.issuer, account: $0.account) } }

    /// Why this key is left alone: an entry that is done, or in hand, had an attempt whose name is on it, so that it may be the
    /// key that has the entry.
    func refusal(in batch: Batch, of ledger: any Ledger) throws(LineError) -> ReservationOutcome? {
        guard !stored.isEmpty else { return nil }
        let query = EntryQuery(
            batch: batch.id, states: Set(EntryState.allCases.filter { !$0.isOpen }), accounts: stored.map(\.account))
        let entries = try LineError.ledger(nil) { () throws(LedgerError) in
            try ledger.entries(query, after: nil, limit: Self.mostNames)
        }
        for entry in entries {
            let labels = try labels(ofAttemptsAt: entry, in: ledger)
            guard stored.contains(where: { $0.isNamed(oneOf: labels) }) else { continue }
            return entry.state.isDone ? .keyUsed(by: entry) : .keyInWork(station: entry.station)
        }
        return nil
    }

    /// Whether what would be overwritten is of an attempt at this entry. Without a serial number that is so where all of it has
    /// the entry's name: in the place that is meant, another key may have something else.
    func isOfAttempt(
        at entry: LedgerEntry, of ledger: any Ledger, isInTheWay: (StoredCredential) -> Bool
    ) throws(LineError) -> Bool {
        guard key.serial == nil else { return entry.attempt.map { $0.key.isSame(as: key) } ?? false }
        let inTheWay = stored.filter(isInTheWay)
        guard !inTheWay.isEmpty else { return false }
        let labels = try labels(ofAttemptsAt: entry, in: ledger)
        return inTheWay.allSatisfy { $0.isNamed(oneOf: labels) }
    }

    /// Of attempts on this key, or on one that it cannot be told from.
    private func labels(ofAttemptsAt entry: LedgerEntry, in ledger: any Ledger) throws(LineError) -> [Label] {
        try LineError.ledger(entry) { () throws(LedgerError) in
            try ledger.attempts(of: entry.id).filter { $0.key.isSame(as: key) }.map(\.terms.label)
        }
    }
}

extension StoredCredential {
    func isNamed(oneOf labels: [Label]) -> Bool {
        labels.contains { $0.account == account && $0.issuer == issuer }
    }
}
