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
}

extension Change {
    func requireBatch(_ batch: Batch) throws {
        guard try db.integer("SELECT 1 FROM batches WHERE id = ?", batch.id) != nil else {
            throw LedgerError.noSuchBatch(batch.name)
        }
    }
}
