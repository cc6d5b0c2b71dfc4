internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func successor(of entry: LedgerEntry.ID) throws(LedgerError) -> LedgerEntry? {
        try readOptional { db in
            guard let place = try db.placeDone(of: entry) else { return nil }
            return try db.placesDone(onKeyOf: place)
                .last { $0.number > place.number && place.attempt.isOverwritten(by: $0.attempt) }
                .map { try db.entry($0.entry) }
        }
    }
}

extension Change {
    /// - Parameter entry: verified just now.
    /// - Returns: the entries of which it has the place.
    func supersede(by entry: LedgerEntry.ID) throws -> [LedgerEntry] {
        guard let later = try db.placeDone(of: entry) else { return [] }
        let standing = try standing(of: entry)
        return try db.placesDone(onKeyOf: later)
            .filter { $0.number < later.number && $0.attempt.isOverwritten(by: later.attempt) }
            .map { earlier in
                try supersede(try self.standing(of: earlier.entry), by: standing, later.attempt.id)
                return try db.entry(earlier.entry)
            }
    }
}

/// Where on its key the credential of a done entry is.
private struct Place {
    let entry: LedgerEntry.ID
    /// Of the row of the attempt: later ones have higher numbers.
    let number: Int64
    let attempt: Attempt

    init?(_ row: inout StoredRow) throws(LedgerError) {
        (entry, number) = (try row.integer(), try row.integer())
        guard let attempt = try row.attempt() else { return nil }
        self.attempt = attempt
    }

    /// Before the conditions.
    static let sql = """
        SELECT e.id, a.number, \(StoredRow.attemptColumns(withSecret: false)) FROM entries e
        CROSS JOIN attempts a ON a.number = e.attempt WHERE e.state IN ('verified', 'exported', 'forgotten')
        """
}

extension Database {
    /// Nil where the entry is not done.
    fileprivate func placeDone(of entry: LedgerEntry.ID) throws -> Place? {
        try first("\(Place.sql) AND e.id = ?", entry, read: { try Place(&$0) }) ?? nil
    }

    /// In the order of the attempts; none where the key has no serial number.
    fileprivate func placesDone(onKeyOf place: Place) throws -> [Place] {
        guard let serial = place.attempt.key.serial else { return [] }
        return try all(
            "\(Place.sql) AND e.key_serial = ? AND e.key_model = ? ORDER BY a.number", serial, place.attempt.key.model
        ) { try Place(&$0) }.compactMap(\.self)
    }
}
