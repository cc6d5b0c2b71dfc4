internal import SecretFormats

extension Attempt {
    /// Whether `later`, proven on the same key, has the place where this one was: then the key holds this one no more.
    ///
    /// Keys without a serial number stand in for each other, so of them nobody can say. Nor is it said where only some keys
    /// have one place for both: for HOTP and TOTP in a slot of one number, and for periods that are part of the name.
    public func isOverwritten(by later: Attempt) -> Bool {
        guard key.serial != nil, key.isSame(as: later.key), slot == later.slot else { return false }
        if slot != nil { return terms.kind.isTimeBased == later.terms.kind.isTimeBased }
        return terms.label == later.terms.label && terms.kind.namedPeriod == later.terms.kind.namedPeriod
    }
}

extension Credential.Kind {
    fileprivate var isTimeBased: Bool {
        if case .totp = self { true } else { false }
    }

    /// What a key with names has in the name. HOTP has the name that TOTP has with the usual period.
    fileprivate var namedPeriod: Int {
        if case .totp(let period) = self { period } else { Credential.defaultPeriod }
    }
}
