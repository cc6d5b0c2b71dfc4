internal import GRDB
internal import KeyProvision

/// The statement for a page of entries. Each state comes from an index in the order of the numbers, cut at the limit, and the few that
/// are left are put in order: a page costs the same wherever it is.
struct EntryPage {
    let sql: String
    private let batch: Int64?

    /// - Parameter query: by batch and states, of which there is one at least.
    init(_ query: EntryQuery) {
        batch = query.batch
        let entry = "SELECT \(StoredRow.entryColumns(withSecret: query.withSecrets)) FROM"
        let rest = "\(StoredRow.entryJoins) ORDER BY e.id"
        guard query.batch != nil || query.states != nil else {
            sql = "\(entry) entries e \(StoredRow.entryJoins) WHERE e.id > ?1 ORDER BY e.id LIMIT ?2"
            return
        }
        let place = query.batch == nil ? "" : "batch = ?3 AND "
        let states = EntryState.allCases.filter { query.states?.contains($0) ?? true }
        let parts = states.map {
            "SELECT id FROM (SELECT id FROM entries WHERE \(place)state = '\($0.rawValue)' AND id > ?1 ORDER BY id LIMIT ?2)"
        }
        let ids = parts.joined(separator: " UNION ALL ")
        sql = """
            \(entry) (SELECT id FROM (\(ids)) ORDER BY id LIMIT ?2) page CROSS JOIN entries e ON e.id = page.id \(rest)
            """
    }

    func arguments(after: Int64, limit: Int) -> [Database.Argument] {
        batch.map { [after, limit, $0] } ?? [after, limit]
    }
}

/// The statement for a page of events.
struct EventPage {
    let sql: String
    private let query: EventQuery

    init(_ query: EventQuery) {
        self.query = query
        var conditions = ["number > ?"]
        // The plus keeps SQLite from another index than that of the narrower condition.
        if query.batch != nil { conditions.append(query.entry == nil ? "batch = ?" : "+batch = ?") }
        if query.entry != nil { conditions.append("entry = ?") }
        if query.since != nil { conditions.append("+time >= ?") }
        sql = """
            SELECT \(StoredRow.eventColumns(of: "events")) FROM events WHERE \(conditions.joined(separator: " AND "))
            ORDER BY number LIMIT ?
            """
    }

    /// Where a time is asked for, the first page need not begin at the first event.
    func start(in db: Database, after: Int64) throws -> Int64 {
        guard let since = query.since, query.batch == nil, query.entry == nil, after <= 0 else { return after }
        let first = try db.integer("SELECT min(number) FROM events WHERE time >= ?", Int64(clamping: since))
        return first.map { $0 > 0 ? $0 - 1 : 0 } ?? Int64.max
    }

    func arguments(after: Int64, limit: Int) -> [Database.Argument] {
        var arguments: [Database.Argument] = [after]
        if let batch = query.batch { arguments.append(batch) }
        if let entry = query.entry { arguments.append(entry) }
        if let since = query.since { arguments.append(Int64(clamping: since)) }
        return arguments + [limit]
    }
}
