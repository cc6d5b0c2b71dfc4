internal import GRDB
internal import KeyProvision

/// What a change needs to know of an entry before it moves it on.
struct Standing {
    let id: Int64
    let batch: Int64
    let state: EntryState
    /// What a reserved entry goes back to.
    let before: EntryState?
    let run: Int64?
    /// The key that it is reserved for.
    let workModel: String?
    let workSerial: String?
    /// The row of the latest attempt.
    let attempt: Int64?

    fileprivate static let columns = "id, batch, state, before, run, work_model, work_serial, attempt"

    fileprivate init(_ row: inout StoredRow) throws(LedgerError) {
        id = try row.integer()
        batch = try row.integer()
        state = try row.word()
        before = try row.optionalWord()
        run = try row.optionalInteger()
        workModel = try row.optionalText()
        workSerial = try row.optionalText()
        attempt = try row.optionalInteger()
    }
}

extension Change {
    func standing(of entry: LedgerEntry.ID) throws -> Standing {
        guard
            let standing = try db.first(
                "SELECT \(Standing.columns) FROM entries WHERE id = ?", entry, read: { try Standing(&$0) })
        else { throw LedgerError.noSuchEntry }
        return standing
    }

    /// - Throws: `.wrongState` where the entry may not go there.
    func standing(of entry: LedgerEntry.ID, before next: EntryState) throws -> Standing {
        let standing = try standing(of: entry)
        guard standing.state.successors.contains(next) else { throw LedgerError.wrongState(standing.state) }
        return standing
    }

    /// - Throws: `.wrongState` where the entry may not go there, or does not stand as it was seen.
    func standing(of entry: SeenEntry, before next: EntryState) throws -> Standing {
        let standing = try standing(of: entry.id, before: next)
        guard standing.state == entry.state, try latestAttempt(of: standing) == entry.attempt else {
            throw LedgerError.wrongState(standing.state)
        }
        return standing
    }

    func latestAttempt(of entry: Standing) throws -> Attempt.ID? {
        guard let row = entry.attempt else { return nil }
        return try db.first("SELECT id FROM attempts WHERE number = ?", row) { Attempt.ID(try $0.bytes()) } ?? nil
    }

    /// Entries that runs have in hand.
    func inWork(of run: Int64) throws -> [Standing] {
        try db.all(
            """
            SELECT \(Standing.columns) FROM entries WHERE run = ?1 AND (state = 'reserved' OR state = 'writing') ORDER BY id
            """, run, read: { try Standing(&$0) })
    }
}
