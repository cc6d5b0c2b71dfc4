internal import ByteBuffers
public import SecretFormats

/// What each kind of event says. No secret is in one: of a sealed secret its SHA-256.
extension EventDetail {
    /// Names that a check of a ledger looks for.
    public enum Name {
        public static let attempt = "attempt"
        public static let reason = "reason"
        public static let sealed = "sealed"
        public static let state = "state"
        public static let verification = "verification"
    }

    public static func began(_ name: String, terms: String) -> Self { Self(["name": name, "terms": terms]) }

    public static func entered(station: String) -> Self { Self(["station": station]) }

    /// - Parameter runs: how many data keys were sealed anew.
    public static func rekeyed(to recipients: [String], runs: Int) -> Self {
        Self(["recipients": recipients.joined(separator: " "), "runs": String(runs)])
    }

    public static func planned(_ entry: RosterEntry) -> Self {
        Self([
            "account": entry.account, "copy": String(entry.copy), "department": entry.department, "email": entry.email,
            "issuer": entry.issuer, "owner": entry.owner, "profile": entry.profile, "serial": entry.serial,
            "slot": entry.slot.map(String.init),
        ])
    }

    public static func reserved(for key: KeyIdentity) -> Self { Self(values(of: key)) }

    /// - Parameter state: what the entry was before it was reserved, and is again.
    public static func released(to state: EntryState) -> Self { Self([Name.state: state.rawValue]) }

    /// - Parameter digest: of the sealed secret, in hexadecimal; nil for an attempt that came without it.
    public static func writing(_ attempt: Attempt, sealedDigest digest: String?) -> Self {
        var values = values(of: attempt.key)
        values[Name.attempt] = name(of: attempt.id)
        values[Name.sealed] = digest
        values["slot"] = attempt.slot.map(String.init)
        values["account"] = attempt.terms.label.account
        values["issuer"] = attempt.terms.label.issuer
        values["algorithm"] = attempt.terms.algorithm.rawValue
        values["digits"] = String(attempt.terms.digits)
        switch attempt.terms.kind {
        case .totp(let period): values["period"] = String(period)
        case .hotp(let counter): values["counter"] = String(counter)
        }
        return Self(values)
    }

    public static func verified(_ attempt: Attempt.ID, _ verification: Verification) -> Self {
        Self([Name.attempt: name(of: attempt), Name.verification: verification.rawValue])
    }

    public static func failed(_ reason: String) -> Self { Self([Name.reason: reason]) }

    public static func exported(to target: String) -> Self { Self(["target": target]) }

    /// - Parameter secrets: how many were erased.
    public static func forgotten(secrets: Int) -> Self { Self(["secrets": String(secrets)]) }

    public static let undone = Self([:])

    /// An attempt, as `writing` and `verified` name it.
    public static func name(of attempt: Attempt.ID) -> String { hexadecimal(attempt.bytes) }

    /// The SHA-256 of a sealed secret, as `writing` carries it.
    public static func digest(ofSealed secret: [UInt8]) throws(CryptoError) -> String {
        let digest = try StreamingDigest(.sha256)
        try digest.update(WipedBuffer(secret))
        return hexadecimal(try digest.finish())
    }

    private static func values(of key: KeyIdentity) -> [String: String?] {
        [
            "family": key.family, "firmware": key.firmware, "model": key.model, "serial": key.serial,
            "virtual": key.isVirtual ? "yes" : nil,
        ]
    }
}
