internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func entries(
        _ query: EntryQuery, after: LedgerEntry.ID?, limit: Int
    ) throws(LedgerError) -> [LedgerEntry] {
        guard limit > 0, query.states?.isEmpty != true else { return [] }
        return try read { db in
            if query.accounts != nil || query.serial != nil {
                return try db.fewEntries(query, after: after ?? 0, limit: limit)
            }
            let page = EntryPage(query)
            return try db.all(page.sql, list: page.arguments(after: after ?? 0, limit: limit)) { try $0.entry() }
        }
    }

    public func counts(batch: Int64?) throws(LedgerError) -> EntryCounts { try read { try $0.counts(batch: batch) } }

    public func attempts(of entry: LedgerEntry.ID) throws(LedgerError) -> [Attempt] {
        try read { db in
            try db.all(
                """
                SELECT \(StoredRow.attemptColumns(withSecret: false)) FROM attempts a WHERE a.entry = ? ORDER BY a.number
                """, entry
            ) { try $0.attempt() }.compactMap(\.self)
        }
    }

    public func events(_ query: EventQuery, after: Int64, limit: Int) throws(LedgerError) -> [LedgerEvent] {
        guard limit > 0 else { return [] }
        return try read { db in
            let page = EventPage(query)
            let start = try page.start(in: db, after: after)
            return try db.all(page.sql, list: page.arguments(after: start, limit: limit)) { try $0.event() }
        }
    }

    /// For what may be nil and is no error then.
    func readOptional<Value>(_ body: (Database) throws -> Value?) throws(LedgerError) -> Value? {
        let found: [Value] = try read { db in try body(db).map { [$0] } ?? [] }
        return found.first
    }
}

extension Database {
    /// More rows than a file of SQLite can have; sums of them do not overflow.
    private static let countRange = 0...1 << 48

    func counts(batch: Int64?) throws -> EntryCounts {
        var counts = EntryCounts()
        let (sql, arguments): (String, [Argument]) =
            if let batch {
                ("SELECT state, entries FROM counts WHERE batch = ?", [batch])
            } else {
                ("SELECT state, sum(entries) FROM counts GROUP BY state", [])
            }
        for (state, count) in try all(sql, list: arguments, read: { (try $0.word() as EntryState, try $0.int()) })
        where count != 0 {
            guard Self.countRange ~= count else { throw LedgerError.damaged("a count has a value that it cannot have") }
            counts.byState[state] = count
        }
        return counts
    }

    /// Those of accounts, or of one key: by their index, and the states sorted out behind it.
    fileprivate func fewEntries(
        _ query: EntryQuery, after: LedgerEntry.ID, limit: Int
    ) throws -> [LedgerEntry] {
        let rest = "AND (?2 IS NULL OR +batch = ?2) AND +id > ?3 AND (?4 IS NULL OR +key_serial = ?4)"
        func ids(_ condition: String, _ value: String?) throws -> [Int64] {
            try all("SELECT id FROM entries WHERE \(condition) \(rest)", value, query.batch, after, query.serial) {
                try $0.integer()
            }
        }
        let ids =
            if let accounts = query.accounts {
                try Set(accounts).flatMap { try ids("account = ?1", $0) }
            } else {
                try ids("key_serial = ?1", query.serial)
            }
        var entries: [LedgerEntry] = []
        for id in ids.sorted() where entries.count < limit {
            let entry = try entry(id, withSecret: query.withSecrets)
            if query.states?.contains(entry.state) ?? true { entries.append(entry) }
        }
        return entries
    }
}

extension StoredRow {
    /// - Parameter events: what the statement calls the table.
    static func eventColumns(of events: String) -> String {
        ["number", "time", "kind", "run", "batch", "entry", "detail", "hash"].map { "\(events).\($0)" }
            .joined(separator: ", ")
    }

    mutating func event() throws(LedgerError) -> LedgerEvent {
        LedgerEvent(
            number: try integer(), unixTime: UInt64(clamping: try integer()),
            kind: LedgerEvent.Kind(rawValue: try text()),
            run: try optionalInteger(), batch: try optionalInteger(), entry: try optionalInteger(), detail: try text(),
            hash: try bytes())
    }
}
