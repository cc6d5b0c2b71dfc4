internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func begin(batch name: String, terms: String) throws(LedgerError) -> Batch {
        try change { change in
            guard try change.db.batch(named: name) == nil else { throw LedgerError.batchExists(name) }
            try change.db.run("INSERT INTO batches (name, terms) VALUES (?, ?)", name, terms)
            let id = change.db.lastInsertedRowID
            try change.record(.began, batch: id, .began(name, terms: terms))
            return Batch(id: id, name: name, terms: terms)
        }
    }

    public func restate(_ batch: Batch, terms: String) throws(LedgerError) -> Batch {
        try change { change in
            try change.requireBatch(batch)
            let further = try change.db.counts(batch: batch.id).byState.keys.filter { $0 != .planned }
            if let state = further.min(by: { $0.rawValue < $1.rawValue }) { throw LedgerError.wrongState(state) }
            try change.db.run("UPDATE batches SET terms = ? WHERE id = ?", terms, batch.id)
            try change.record(.restated, batch: batch.id, .restated(terms: terms))
            return Batch(id: batch.id, name: batch.name, terms: terms)
        }
    }

    public func batch(named name: String) throws(LedgerError) -> Batch? {
        try readOptional { try $0.batch(named: name) }
    }

    public func batches() throws(LedgerError) -> [Batch] {
        try read { try $0.all("SELECT id, name, terms FROM batches ORDER BY id") { try $0.batch() } }
    }

    public func plan(
        _ batch: Batch, _ next: () throws(LedgerError) -> RosterEntry?
    ) throws(LedgerError) -> Int {
        try change { change in
            try change.requireBatch(batch)
            let last = try change.db.integer("SELECT max(id) FROM entries") ?? 0
            // Entries of earlier plans that this roster has too, to tell them from what it has twice.
            var known: Set<Int64> = []
            var planned = 0
            while let entry = try next() {
                if try change.plan(entry, in: batch.id) != nil {
                    planned += 1
                } else {
                    let id = try change.db.entryID(of: entry, in: batch.id)
                    guard id <= last, known.insert(id).inserted else {
                        throw LedgerError.duplicateEntry(account: entry.account, issuer: entry.issuer)
                    }
                }
            }
            return planned
        }
    }
}

extension StoredRow {
    fileprivate mutating func batch() throws(LedgerError) -> Batch {
        Batch(id: try integer(), name: try text(), terms: try text())
    }
}

extension Database {
    fileprivate func batch(named name: String) throws -> Batch? {
        try first("SELECT id, name, terms FROM batches WHERE name = ?", name) { try $0.batch() }
    }

    fileprivate func entryID(of entry: RosterEntry, in batch: Int64) throws -> Int64 {
        let id = try integer(
            """
            SELECT id FROM entries WHERE account = ? AND batch = ? AND copy = ? AND ifnull(issuer, '') = ifnull(?, '')
            """, entry.account, batch, entry.copy, entry.issuer)
        guard let id else { throw LedgerError.noSuchEntry }
        return id
    }
}

extension Change {
    func requireBatch(_ batch: Batch) throws {
        guard try db.integer("SELECT 1 FROM batches WHERE id = ?", batch.id) != nil else {
            throw LedgerError.noSuchBatch(batch.name)
        }
    }
}
