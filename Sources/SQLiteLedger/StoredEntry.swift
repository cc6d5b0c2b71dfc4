internal import GRDB
internal import KeyProvision
internal import SecretFormats

/// `Credential.Kind` in two columns.
struct StoredKind {
    private static let (time, use) = ("totp", "hotp")

    let name: String
    let value: Int64

    init(_ kind: Credential.Kind) {
        (name, value) =
            switch kind {
            case .totp(let period): (Self.time, Int64(period))
            case .hotp(let counter): (Self.use, Int64(clamping: counter))
            }
    }

    init(_ row: inout StoredRow) throws(LedgerError) {
        name = try row.text()
        value = try row.integer()
    }

    var kind: Credential.Kind? {
        switch name {
        case Self.time: Int(exactly: value).map { .totp(period: $0) }
        case Self.use: UInt64(exactly: value).map { .hotp(counter: $0) }
        default: nil
        }
    }
}

extension StoredRow {
    static func attemptColumns(withSecret: Bool) -> String {
        """
        a.id, a.run, a.family, a.model, a.serial, a.firmware, a.virtual, a.slot, a.issuer, a.account, a.kind, a.factor,
        a.algorithm, a.digits, a.verification, \(withSecret ? "a.sealed" : "NULL")
        """
    }

    /// Nil where a join found none.
    mutating func attempt() throws(LedgerError) -> Attempt? {
        guard let bytes = try optionalBytes() else { return nil }
        let run = try integer()
        let key = KeyIdentity(
            family: try text(), model: try text(), serial: try optionalText(), firmware: try optionalText(),
            isVirtual: try integer() != 0)
        let slot = try optionalInt()
        let (issuer, account) = (try optionalText(), try text())
        let stored = try StoredKind(&self)
        let algorithm: HashAlgorithm = try word()
        let digits = try int()
        let verification: Verification? = try optionalWord()
        let secret = try optionalBytes()
        guard let id = Attempt.ID(bytes), let kind = stored.kind,
            let label = try? Label(issuer: issuer, account: account)
        else { throw .damaged("an attempt has a value that it cannot have") }
        return Attempt(
            id: id, run: run, key: key, slot: slot,
            terms: CredentialTerms(label: label, kind: kind, algorithm: algorithm, digits: digits),
            verification: verification, sealedSecret: secret)
    }

    static let rosterColumns =
        "e.account, e.issuer, e.copy, e.owner, e.email, e.department, e.serial, e.slot, e.profile"

    mutating func rosterEntry() throws(LedgerError) -> RosterEntry {
        RosterEntry(
            account: try text(), issuer: try optionalText(), copy: try int(), owner: try optionalText(),
            email: try optionalText(), department: try optionalText(), serial: try optionalText(),
            slot: try optionalInt(), profile: try optionalText())
    }

    static func entryColumns(withSecret: Bool) -> String {
        """
        e.id, e.batch, \(rosterColumns), e.state, e.changed, e.failure, r.station, \(attemptColumns(withSecret: withSecret))
        """
    }

    static let entryJoins = "LEFT JOIN attempts a ON a.number = e.attempt LEFT JOIN runs r ON r.id = e.run"

    mutating func entry() throws(LedgerError) -> LedgerEntry {
        let (id, batch) = (try integer(), try integer())
        let roster = try rosterEntry()
        let state: EntryState = try word()
        let changed = UInt64(clamping: try integer())
        let (failure, station) = (try optionalText(), try optionalText())
        return LedgerEntry(
            id: id, batch: batch, roster: roster, state: state, attempt: try attempt(), changed: changed,
            station: station,
            failure: state == .failed ? failure : nil)
    }
}

extension Database {
    func entry(_ id: LedgerEntry.ID, withSecret: Bool = false) throws -> LedgerEntry {
        let entry = try first(
            """
            SELECT \(StoredRow.entryColumns(withSecret: withSecret)) FROM entries e \(StoredRow.entryJoins) WHERE e.id = ?
            """, id, read: { try $0.entry() })
        guard let entry else { throw LedgerError.noSuchEntry }
        return entry
    }
}
