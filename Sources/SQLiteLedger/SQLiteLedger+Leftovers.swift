public import KeyProvision

extension SQLiteLedger {
    public func leftovers(on key: KeyIdentity, in batch: Batch) throws(LedgerError) -> [Attempt] {
        guard let serial = key.serial else { return [] }
        return try read { db in
            try db.all(Self.leftovers, serial, key.model, batch.id) { try $0.attempt() }.compactMap(\.self)
        }
    }

    public func markCleared(_ attempt: Attempt, from key: KeyIdentity, by run: any LedgerRun) throws(LedgerError) {
        try change { change in
            let sql = "SELECT entry FROM attempts WHERE id = ?"
            guard let id = try change.db.first(sql, blob(attempt.id.bytes), read: { try $0.integer() }) else {
                throw LedgerError.noSuchEntry
            }
            let entry = try change.db.entry(id)
            try change.record(
                .cleared, run: run.id, batch: entry.batch, entry: entry.id, .cleared(attempt.terms.label, from: key))
        }
    }

    /// Of each attempt that failed or was taken back: where its entry is on another key by now, or is to be done on one, and no
    /// later attempt put the same name on this key for good.
    private static let leftovers = """
        SELECT \(StoredRow.attemptColumns(withSecret: false)) FROM attempts a
        JOIN entries e ON e.id = a.entry JOIN attempts c ON c.number = e.attempt
        WHERE a.serial = ?1 AND a.model = ?2 AND a.unused = 1 AND e.batch = ?3
        AND (e.state IN ('planned', 'reserved', 'writing') OR NOT (c.serial IS a.serial AND c.model = a.model))
        AND NOT EXISTS (
            SELECT 1 FROM attempts v WHERE v.serial = ?1 AND v.model = ?2 AND v.number > a.number
            AND v.account = a.account AND v.issuer IS a.issuer AND v.verification IS NOT NULL
            AND v.unused = 0)
        """
}
