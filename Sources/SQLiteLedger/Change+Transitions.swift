internal import GRDB
internal import KeyProvision
internal import SecretFormats

/// Each step of an entry: its row, its counts and its event.
extension Change {
    func plan(_ entry: RosterEntry, in batch: Int64) throws -> Int64 {
        try db.run(
            """
            INSERT INTO entries
            (batch, account, person, issuer, copy, owner, email, department, serial, slot, profile, state, changed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned', ?)
            """, batch, entry.account, entry.person, entry.issuer, entry.copy, entry.owner, entry.email,
            entry.department, entry.serial, entry.slot, entry.profile, time)
        let id = db.lastInsertedRowID
        count(1, .planned, batch: batch)
        try record(.planned, batch: batch, entry: id, .planned(entry))
        return id
    }

    /// The entry stays in its state.
    func correct(_ id: LedgerEntry.ID, in batch: Int64, to entry: RosterEntry) throws {
        try db.run(
            """
            UPDATE entries SET account = ?, person = ?, issuer = ?, owner = ?, email = ?, department = ?, serial = ?,
            slot = ?, profile = ? WHERE id = ?
            """, entry.account, entry.person, entry.issuer, entry.owner, entry.email, entry.department, entry.serial,
            entry.slot, entry.profile, id)
        try record(.corrected, batch: batch, entry: id, .planned(entry))
    }

    func reserve(_ entry: Standing, for key: KeyIdentity, run: Int64) throws {
        try db.run(
            """
            UPDATE entries SET state = 'reserved', before = state, run = ?, work_model = ?, work_serial = ?, changed = ?
            WHERE id = ?
            """, run, key.model, key.serial, time, entry.id)
        try moved(entry, to: .reserved, .reserved, run: run, .reserved(for: key))
    }

    func startWriting(_ entry: Standing, _ attempt: Attempt, sealed: [UInt8]) throws {
        let row = try insert(attempt, sealed: sealed, entry: entry.id)
        try db.run("UPDATE runs SET secrets = secrets + 1 WHERE id = ?", attempt.run)
        try db.run(
            """
            UPDATE entries SET state = 'writing', key_model = work_model, key_serial = work_serial, attempt = ?, changed = ?
            WHERE id = ?
            """, row, time, entry.id)
        let digest = try EventDetail.digest(ofSealed: sealed)
        try moved(entry, to: .writing, .writing, run: attempt.run, .writing(attempt, sealedDigest: digest))
    }

    func finish(_ entry: Standing, _ attempt: Attempt.ID, _ verification: Verification) throws {
        guard let row = entry.attempt, let id = try latestAttempt(of: entry) else {
            throw LedgerError.damaged("an attempt is missing")
        }
        guard id == attempt else { throw LedgerError.wrongState(entry.state) }
        try db.run("UPDATE attempts SET verification = ? WHERE number = ?", verification.rawValue, row)
        try db.run("UPDATE entries SET state = 'verified', \(Self.workDone), changed = ? WHERE id = ?", time, entry.id)
        try moved(entry, to: .verified, .verified, run: entry.run, .verified(id, verification))
    }

    func fail(_ entry: Standing, reason: String) throws {
        try db.run(
            """
            UPDATE entries SET state = 'failed', failure = ?, key_model = work_model, key_serial = work_serial,
            work_model = NULL, work_serial = NULL, before = NULL, changed = ? WHERE id = ?
            """, reason, time, entry.id)
        try markUnused(entry.attempt)
        try moved(entry, to: .failed, .failed, run: entry.run, .failed(reason))
    }

    func release(_ entry: Standing) throws {
        let state = entry.before ?? .planned
        try db.run(
            """
            UPDATE entries SET state = ?, work_model = NULL, work_serial = NULL, before = NULL, changed = ? WHERE id = ?
            """, state.rawValue, time, entry.id)
        try moved(entry, to: state, .released, run: entry.run, .released(to: state))
    }

    func undo(_ entry: Standing) throws { try reopen(entry, .undone, run: nil, .undone) }

    func supersede(_ entry: Standing, by other: Standing, _ attempt: Attempt.ID) throws {
        try reopen(entry, .superseded, run: other.run, .superseded(by: other.id, attempt))
    }

    private func reopen(_ entry: Standing, _ kind: LedgerEvent.Kind, run: Int64?, _ detail: EventDetail) throws {
        try db.run(
            "UPDATE entries SET state = 'planned', key_model = NULL, key_serial = NULL, changed = ? WHERE id = ?", time,
            entry.id)
        try markUnused(entry.attempt)
        try moved(entry, to: .planned, kind, run: run, detail)
    }

    private func markUnused(_ attempt: Int64?) throws {
        if let attempt { try db.run("UPDATE attempts SET unused = 1 WHERE number = ?", attempt) }
    }

    /// - Returns: the runs whose secrets were erased, once for each.
    func forget(_ entry: Standing) throws -> [Int64] {
        let runs = try db.all("SELECT run FROM attempts WHERE entry = ? AND sealed IS NOT NULL", entry.id) {
            try $0.integer()
        }
        try db.run("UPDATE attempts SET sealed = NULL WHERE entry = ?", entry.id)
        for run in runs { try db.run("UPDATE runs SET secrets = secrets - 1 WHERE id = ?", run) }
        try db.run("UPDATE entries SET state = 'forgotten', changed = ? WHERE id = ?", time, entry.id)
        try moved(entry, to: .forgotten, .forgotten, run: nil, .forgotten(secrets: runs.count))
        return runs
    }

    private static let workDone = "failure = NULL, work_model = NULL, work_serial = NULL, before = NULL"

    private func moved(
        _ entry: Standing, to state: EntryState, _ kind: LedgerEvent.Kind, run: Int64?, _ detail: EventDetail
    ) throws {
        count(-1, entry.state, batch: entry.batch)
        count(1, state, batch: entry.batch)
        try record(kind, run: run, batch: entry.batch, entry: entry.id, detail)
    }

    private func insert(_ attempt: Attempt, sealed: [UInt8], entry: Int64) throws -> Int64 {
        let (key, terms) = (attempt.key, attempt.terms)
        let factor = StoredKind(terms.kind)
        try db.run(
            """
            INSERT INTO attempts
            (id, entry, run, family, model, serial, firmware, virtual, slot, issuer, account, kind, factor, algorithm,
            digits, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, blob(attempt.id.bytes), entry, attempt.run, key.family, key.model, key.serial, key.firmware,
            key.isVirtual, attempt.slot, terms.label.issuer, terms.label.account, factor.name, factor.value,
            terms.algorithm.rawValue, terms.digits, blob(sealed))
        return db.lastInsertedRowID
    }
}
