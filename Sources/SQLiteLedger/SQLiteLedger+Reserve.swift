internal import GRDB
public import KeyProvision
public import SecretFormats

extension SQLiteLedger {
    public func reserve(
        for key: KeyIdentity, holding names: [Label], in batch: Batch, run: any LedgerRun
    ) throws(LedgerError) -> ReservationOutcome {
        try change { change in
            try change.requireBatch(batch)
            try change.requireAlive(run.id)
            let outcome = try change.reserve(for: key, holding: names, in: batch.id, run: run.id)
            switch outcome {
            case .keyInWork, .nothingOpen(inWork: 1...):
                // Those at work may be dead: what they had is wanted now.
                try change.sweep()
                return try change.reserve(for: key, holding: names, in: batch.id, run: run.id)
            default: return outcome
            }
        }
    }
}

extension Change {
    /// How many serial numbers an operator is told.
    private static let wantedSerials = 10

    fileprivate func reserve(
        for key: KeyIdentity, holding names: [Label], in batch: Int64, run: Int64
    ) throws -> ReservationOutcome {
        if let work = try work(on: key) { return .keyInWork(station: work.station) }
        if let id = try entry(for: key, in: batch) ?? entry(for: key, holding: names, in: batch) {
            return try reserved(id, for: key, run: run)
        }
        let counts = try db.counts(batch: batch)
        guard counts.open > 0 else { return .nothingOpen(inWork: counts.inWork) }
        if let id = try entryDone(with: key, in: batch) { return .keyUsed(by: try db.entry(id)) }
        if let id = try entryForAnyKey(in: batch) {
            return try reserved(id, for: key, run: run)
        }
        return .keyNotWanted(wanted: try wantedSerials(in: batch))
    }

    /// Who has the key in hand, in whatever batch.
    func work(on key: KeyIdentity) throws -> (state: EntryState, station: String?)? {
        guard let serial = key.serial else { return nil }
        return try db.first(
            """
            SELECT e.state, r.station FROM entries e LEFT JOIN runs r ON r.id = e.run
            WHERE e.work_serial = ? AND e.work_model = ?
            """, serial, key.model
        ) { (state: try $0.word(), station: try $0.optionalText()) }
    }

    private func reserved(_ id: Int64, for key: KeyIdentity, run: Int64) throws -> ReservationOutcome {
        try reserve(try standing(of: id, before: .reserved), for: key, run: run)
        return .reserved(try db.entry(id))
    }

    /// The entry that the key failed at, or one that names it.
    private func entry(for key: KeyIdentity, in batch: Int64) throws -> Int64? {
        guard let serial = key.serial else { return nil }
        let interrupted = try db.integer(
            """
            SELECT id FROM entries WHERE key_serial = ? AND key_model = ? AND batch = ? AND state = 'failed'
            ORDER BY id LIMIT 1
            """, serial, key.model, batch)
        if let interrupted { return interrupted }
        for state in Self.openStates {
            let named = try db.integer(
                "SELECT id FROM entries WHERE batch = ? AND state = '\(state)' AND serial = ? ORDER BY id LIMIT 1",
                batch,
                serial)
            if let named { return named }
        }
        return nil
    }

    /// The open entry whose name is on a key that has no serial number.
    private func entry(for key: KeyIdentity, holding names: [Label], in batch: Int64) throws -> Int64? {
        guard key.serial == nil else { return nil }
        for name in names {
            let id = try db.integer(
                """
                SELECT e.id FROM entries e WHERE e.account = ?1 AND e.batch = ?2 AND e.state IN ('planned', 'failed')
                AND e.serial IS NULL AND EXISTS (
                    SELECT 1 FROM attempts a WHERE a.entry = e.id AND a.serial IS NULL AND a.model = ?3
                    AND a.account = ?1 AND a.issuer IS ?4)
                ORDER BY e.id LIMIT 1
                """, name.account, batch, key.model, name.issuer)
            if let id { return id }
        }
        return nil
    }

    private func entryForAnyKey(in batch: Int64) throws -> Int64? {
        for state in Self.openStates {
            let id = try db.integer(
                "SELECT id FROM entries WHERE batch = ? AND state = '\(state)' AND serial IS NULL ORDER BY id LIMIT 1",
                batch)
            if let id { return id }
        }
        return nil
    }

    private func entryDone(with key: KeyIdentity, in batch: Int64) throws -> Int64? {
        guard let serial = key.serial else { return nil }
        return try db.integer(
            """
            SELECT id FROM entries WHERE key_serial = ? AND key_model = ? AND batch = ?
            AND state IN ('verified', 'exported', 'forgotten') ORDER BY id LIMIT 1
            """, serial, key.model, batch)
    }

    private func wantedSerials(in batch: Int64) throws -> [String] {
        var serials: [String] = []
        for state in Self.openStates where serials.count < Self.wantedSerials {
            serials += try db.all(
                """
                SELECT DISTINCT serial FROM entries WHERE batch = ? AND state = '\(state)' AND serial IS NOT NULL
                ORDER BY serial LIMIT ?
                """, batch, Self.wantedSerials - serials.count
            ) { try $0.text() }
        }
        return serials
    }

    // In the texts of statements, since the index over open entries is found by them.
    private static let openStates = [EntryState.planned.rawValue, EntryState.failed.rawValue]
}
