internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func start(
        _ entry: RosterEntry, in batch: Batch, with attempt: Attempt
    ) throws(LedgerError) -> LedgerEntry {
        try change { change in
            try change.requireBatch(batch)
            try change.requireAlive(attempt.run)
            if let work = try change.work(on: attempt.key) { throw LedgerError.wrongState(work.state) }
            let id = try change.openEntry(for: entry, in: batch.id) ?? change.planNextCopy(of: entry, in: batch.id)
            try change.reserve(try change.standing(of: id), for: attempt.key, run: attempt.run)
            try change.startWriting(try change.standing(of: id), attempt)
            return try change.db.entry(id)
        }
    }

    public func startWriting(_ entry: LedgerEntry.ID, _ attempt: Attempt) throws(LedgerError) {
        try change { change in
            let standing = try change.standing(of: entry, before: .writing)
            guard standing.run == attempt.run, standing.workModel == attempt.key.model,
                standing.workSerial == attempt.key.serial
            else { throw LedgerError.wrongState(standing.state) }
            try change.startWriting(standing, attempt)
        }
    }

    @discardableResult
    public func finish(
        _ entry: LedgerEntry.ID, _ attempt: Attempt.ID, _ verification: Verification
    ) throws(LedgerError) -> [LedgerEntry] {
        try change { change in
            try change.finish(try change.standing(of: entry, before: .verified), attempt, verification)
            return try change.supersede(by: entry)
        }
    }

    public func fail(_ entry: LedgerEntry.ID, of run: Int64, reason: String) throws(LedgerError) {
        try change { change in
            let standing = try change.standing(of: entry, before: .failed)
            guard standing.run == run else { throw LedgerError.wrongState(standing.state) }
            try change.fail(standing, reason: reason)
        }
    }

    public func release(_ entry: LedgerEntry.ID, of run: Int64) throws(LedgerError) {
        try change { change in
            let standing = try change.standing(of: entry)
            guard standing.state == .reserved, standing.run == run else { throw LedgerError.wrongState(standing.state) }
            try change.release(standing)
        }
    }

    public func undo(_ entry: LedgerEntry.ID) throws(LedgerError) {
        try change { change in
            let standing = try change.standing(of: entry)
            guard standing.state.isDone else { throw LedgerError.wrongState(standing.state) }
            try change.undo(standing)
        }
    }
}

extension Change {
    /// The first open entry of that name, which is for this key now.
    fileprivate func openEntry(for entry: RosterEntry, in batch: Int64) throws -> Int64? {
        let id = try db.integer(
            """
            SELECT id FROM entries WHERE account = ? AND batch = ? AND ifnull(issuer, '') = ifnull(?, '')
            AND state IN ('planned', 'failed') ORDER BY copy LIMIT 1
            """, entry.account, batch, entry.issuer)
        guard let id else { return nil }
        let stored = try db.entry(id).roster
        var wanted = stored
        (wanted.serial, wanted.slot) = (entry.serial, entry.slot)
        if wanted != stored { try correct(id, in: batch, to: wanted) }
        return id
    }

    fileprivate func planNextCopy(of entry: RosterEntry, in batch: Int64) throws -> Int64 {
        var entry = entry
        entry.copy = try db.nextCopy(of: entry, in: batch)
        return try plan(entry, in: batch)
    }

    fileprivate func startWriting(_ entry: Standing, _ attempt: Attempt) throws {
        guard let sealed = attempt.sealedSecret else { throw LedgerError.misuse("an attempt without its secret") }
        try startWriting(entry, attempt, sealed: sealed)
    }
}

extension Database {
    fileprivate func nextCopy(of entry: RosterEntry, in batch: Int64) throws -> Int {
        let last = try integer(
            """
            SELECT copy FROM entries WHERE account = ? AND batch = ? AND ifnull(issuer, '') = ifnull(?, '')
            ORDER BY copy DESC LIMIT 1
            """, entry.account, batch, entry.issuer)
        let (next, isBeyond) = Int(last ?? 0).addingReportingOverflow(1)
        guard !isBeyond else {
            throw LedgerError.duplicateEntry(account: entry.account, issuer: entry.issuer)
        }
        return next
    }
}
