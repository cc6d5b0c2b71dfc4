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

    /// Whether what would be overwritten is of an attempt at this entry: as the attempt made it, and on a key with a serial
    /// number of no other entry that was proven there since.
    ///
    /// - Parameter touch: whether the attempts asked for it, so that the key does not tell what it computes.
    func isOfAttempt(
        at entry: LedgerEntry, of ledger: any Ledger, _ inTheWay: [StoredCredential], touch: Bool
    ) throws(LineError) -> Bool {
        guard !inTheWay.isEmpty else { return false }
        let attempts = try attempts(at: entry, in: ledger)
        guard let serial = key.serial else { return inTheWay.allSatisfy { isOf(attempts, $0) } }
        let ours = attempts.filter { attempt in
            inTheWay.contains { session.mayHold($0, of: attempt) && (touch || $0.computes(as: attempt)) }
        }
        guard inTheWay.allSatisfy({ stored in ours.contains { session.mayHold(stored, of: $0) } }) else { return false }
        return try LineError.ledger(entry) { () throws(LedgerError) in
            let query = EntryQuery(states: Set(EntryState.allCases.filter(\.isDone)), serial: serial)
            let others = try ledger.entries(query, after: nil, limit: .max).filter { other in
                guard other.id != entry.id, let attempt = other.attempt, attempt.key.isSame(as: key) else {
                    return false
                }
                return inTheWay.contains { session.mayHold($0, of: attempt) }
            }
            guard !others.isEmpty else { return true }
            let written = try ledger.lastEvent(.writing, at: entry, of: ours)
            for other in others where try ledger.lastEvent(.verified, at: other, of: []) > written { return false }
            return true
        }
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

extension StoredCredential {
    /// Whether it is listed as what computes with the time, where that is what the attempt wrote: without a touch, a key that
    /// tells nothing of it has something else there.
    fileprivate func computes(as attempt: Attempt) -> Bool {
        switch (kind, attempt.terms.kind) {
        case (.unknown, .totp): false
        default: true
        }
    }
}

extension Ledger {
    /// Number of the last event of a kind that tells of one of these attempts, or of any where there are none; 0 for no event.
    fileprivate func lastEvent(
        _ kind: LedgerEvent.Kind, at entry: LedgerEntry, of attempts: [Attempt]
    ) throws(LedgerError) -> Int64 {
        let names = attempts.map { EventDetail.name(of: $0.id) }
        let event = try events(EventQuery(entry: entry.id), after: 0, limit: .max).last { event in
            guard event.kind == kind, !names.isEmpty else { return event.kind == kind }
            return EventDetail.value(of: EventDetail.Name.attempt, in: event.detail).map(names.contains) ?? false
        }
        return event?.number ?? 0
    }
}
