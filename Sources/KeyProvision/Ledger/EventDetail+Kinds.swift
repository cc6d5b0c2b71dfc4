public import SecretFormats

/// What each kind of event says. No secret is in one: of what is sealed its SHA-256.
extension EventDetail {
    /// Names that a check of a ledger looks for.
    public enum Name {
        public static let attempt = "attempt"
        public static let dataKey = "data_key"
        public static let model = "model"
        public static let name = "name"
        public static let reason = "reason"
        public static let runs = "runs"
        public static let sealed = "sealed"
        public static let serial = "serial"
        public static let state = "state"
        public static let terms = "terms"
        public static let verification = "verification"
    }

    public static func began(_ name: String, terms: String) -> Self { Self([(Name.name, name), (Name.terms, terms)]) }

    public static func restated(terms: String) -> Self { Self([(Name.terms, terms)]) }

    /// - Parameter digest: of the sealed data key, in hexadecimal; nil for a run of a program that recorded none.
    public static func entered(station: String, dataKeyDigest digest: String?) -> Self {
        Self([(Name.dataKey, digest), ("station", station)])
    }

    /// - Parameter digest: of the data key as it is sealed from now on, in hexadecimal.
    public static func resealed(dataKeyDigest digest: String) -> Self { Self([(Name.dataKey, digest)]) }

    /// - Parameter runs: how many data keys were sealed anew.
    public static func rekeyed(to recipients: [String], runs: Int) -> Self {
        Self([("recipients", recipients.joined(separator: " ")), (Name.runs, String(runs))])
    }

    /// Of `corrected` as well, which has all columns again.
    public static func planned(_ entry: RosterEntry) -> Self {
        Self([
            ("account", entry.account), ("copy", String(entry.copy)), ("department", entry.department),
            ("email", entry.email), ("issuer", entry.issuer), ("owner", entry.owner), ("profile", entry.profile),
            ("serial", entry.serial), ("slot", entry.slot.map { String($0) }),
        ])
    }

    public static func reserved(for key: KeyIdentity) -> Self { Self(lines(of: key)) }

    /// - Parameter state: what the entry was before it was reserved, and is again.
    public static func released(to state: EntryState) -> Self { Self([(Name.state, state.rawValue)]) }

    /// - Parameter digest: of the sealed secret, in hexadecimal; nil for an attempt that came without it.
    public static func writing(_ attempt: Attempt, sealedDigest digest: String?) -> Self {
        let terms = attempt.terms
        let factor: Line =
            switch terms.kind {
            case .totp(let period): ("period", String(period))
            case .hotp(let counter): ("counter", String(counter))
            }
        return Self(
            lines(of: attempt.key) + [
                (Name.attempt, name(of: attempt.id)), (Name.sealed, digest), ("slot", attempt.slot.map { String($0) }),
                ("account", terms.label.account), ("issuer", terms.label.issuer),
                ("algorithm", terms.algorithm.rawValue), ("digits", String(terms.digits)), factor,
            ])
    }

    public static func verified(_ attempt: Attempt.ID, _ verification: Verification) -> Self {
        Self([(Name.attempt, name(of: attempt)), (Name.verification, verification.rawValue)])
    }

    public static func failed(_ reason: String) -> Self { Self([(Name.reason, reason)]) }

    public static func exported(to target: String) -> Self { Self([("target", target)]) }

    /// - Parameter secrets: how many were erased.
    public static func forgotten(secrets: Int) -> Self { Self([("secrets", String(secrets))]) }

    public static func erased(_ attempt: Attempt.ID) -> Self { Self([(Name.attempt, name(of: attempt))]) }

    public static func cleared(_ label: Label, from key: KeyIdentity) -> Self {
        Self(lines(of: key) + [("account", label.account), ("issuer", label.issuer)])
    }

    public static let undone = Self([])

    /// - Parameters:
    ///   - entry: whose credential is in that place on the key now.
    ///   - attempt: the one that put it there.
    public static func superseded(by entry: LedgerEntry.ID, _ attempt: Attempt.ID) -> Self {
        Self([("by_attempt", name(of: attempt)), ("by_entry", String(entry))])
    }

    /// An attempt, as `writing`, `verified` and `erased` name it.
    public static func name(of attempt: Attempt.ID) -> String { hexadecimal(attempt.bytes) }

    /// The SHA-256 of a sealed secret or data key, as `writing`, `entered` and `resealed` carry it.
    public static func digest(ofSealed bytes: [UInt8]) throws(CryptoError) -> String {
        hexadecimal(try HashAlgorithm.sha256.digest(of: bytes))
    }

    private static func lines(of key: KeyIdentity) -> [Line] {
        [
            ("family", key.family), ("firmware", key.firmware), (Name.model, key.model), (Name.serial, key.serial),
            ("virtual", key.isVirtual ? "yes" : nil),
        ]
    }
}
