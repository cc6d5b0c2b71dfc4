internal import GRDB
public import KeyProvision

/// One process at work. With the last reference the run is over.
final class SQLiteRun: LedgerRun {
    let id: Int64
    private let lock: RunLock
    private let ledger: SQLiteLedger

    init(id: Int64, lock: RunLock, ledger: SQLiteLedger) {
        self.id = id
        self.lock = lock
        self.ledger = ledger
    }

    // Where this fails, the next one that enters finds the byte of the run free, and does the same.
    deinit { try? ledger.end(id) }
}

extension SQLiteLedger {
    public func enter(
        station: String, sealedDataKey: [UInt8], sealedTo recipients: [String]?
    ) throws(LedgerError) -> any LedgerRun {
        let (id, lock) = try change { change in
            if let recipients, try change.db.recipients() != recipients { throw LedgerError.recipientsChanged }
            try change.sweep()
            try change.db.run(
                "INSERT INTO runs (station, entered, data_key) VALUES (?, ?, ?)", station, change.time,
                blob(sealedDataKey))
            let id = change.db.lastInsertedRowID
            let digest = try EventDetail.digest(ofSealed: sealedDataKey)
            try change.record(.entered, run: id, .entered(station: station, dataKeyDigest: digest))
            // Held before others can see the run.
            return (id, try locks.hold(id))
        }
        return SQLiteRun(id: id, lock: lock, ledger: self)
    }

    fileprivate func end(_ run: Int64) throws(LedgerError) {
        try change { try $0.end(run) }
    }

    public func recipients() throws(LedgerError) -> [String]? {
        try readOptional { try $0.recipientsIfSet() }
    }

    public func setRecipients(_ recipients: [String]) throws(LedgerError) {
        try change { change in
            guard try change.db.recipientsIfSet() == nil else { throw LedgerError.recipientsChanged }
            try change.replaceRecipients(recipients)
            try change.record(.rekeyed, .rekeyed(to: recipients, runs: 0))
        }
    }

    public func sealedRun(_ id: Int64) throws(LedgerError) -> SealedRun? {
        try readOptional { db in
            try db.first("SELECT id, data_key FROM runs WHERE id = ?", id) {
                SealedRun(id: try $0.integer(), dataKey: try $0.optionalBytes())
            }
        }
    }

    public func rekey(
        to recipients: [String], _ reseal: ([UInt8]) throws(LedgerError) -> [UInt8]
    ) throws(LedgerError) {
        // A passphrase takes a second for each key, and other processes do not wait for ever: what can be is resealed before
        // the change.
        var resealed: [Int64: (old: [UInt8], new: [UInt8])] = [:]
        for (run, old) in try read({ try $0.dataKeys() }) { resealed[run] = (old, try reseal(old)) }
        try change { change in
            let keys = try change.db.dataKeys()
            for (run, old) in keys {
                let new = if let known = resealed[run], known.old == old { known.new } else { try reseal(old) }
                try change.db.run("UPDATE runs SET data_key = ? WHERE id = ?", blob(new), run)
                try change.record(.resealed, run: run, .resealed(dataKeyDigest: EventDetail.digest(ofSealed: new)))
            }
            try change.replaceRecipients(recipients)
            try change.record(.rekeyed, .rekeyed(to: recipients, runs: keys.count))
        }
    }
}

extension Change {
    /// Ends the runs that died.
    func sweep() throws {
        let alive = try db.all("SELECT id FROM runs WHERE ended IS NULL ORDER BY id") { try $0.integer() }
        for run in try locks.dead(among: alive) { try end(run) }
    }

    /// What the run had in hand is free again; its data key goes where it seals nothing.
    func end(_ run: Int64) throws {
        for entry in try inWork(of: run) {
            if entry.state == .writing {
                try fail(entry, reason: LedgerFailure.interrupted)
            } else {
                try release(entry)
            }
        }
        try db.run("UPDATE runs SET ended = ? WHERE id = ? AND ended IS NULL", time, run)
        try eraseDataKey(of: run)
    }

    /// Not of a run that goes on: it will seal more.
    func eraseDataKey(of run: Int64) throws {
        try db.run("UPDATE runs SET data_key = NULL WHERE id = ? AND secrets = 0 AND ended IS NOT NULL", run)
    }

    func requireAlive(_ run: Int64) throws {
        guard try db.integer("SELECT 1 FROM runs WHERE id = ? AND ended IS NULL", run) != nil else {
            throw LedgerError.misuse("the run is over")
        }
    }

    fileprivate func replaceRecipients(_ recipients: [String]) throws {
        try db.run("DELETE FROM recipients")
        for recipient in recipients { try db.run("INSERT INTO recipients (recipient) VALUES (?)", recipient) }
    }
}

extension Database {
    func recipients() throws -> [String] {
        try all("SELECT recipient FROM recipients ORDER BY position") { try $0.text() }
    }

    /// Nil where there are none and no event set them. That one is looked for in all events, but only as long as there are no
    /// recipients.
    fileprivate func recipientsIfSet() throws -> [String]? {
        let recipients = try recipients()
        guard recipients.isEmpty else { return recipients }
        return try integer("SELECT 1 FROM events WHERE kind = 'rekeyed' LIMIT 1").map { _ in [] }
    }

    fileprivate func dataKeys() throws -> [(run: Int64, key: [UInt8])] {
        try all("SELECT id, data_key FROM runs WHERE data_key IS NOT NULL ORDER BY id") {
            (run: try $0.integer(), key: try $0.bytes())
        }
    }
}
