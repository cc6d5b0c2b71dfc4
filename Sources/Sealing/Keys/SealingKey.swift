public import SecretFormats

/// What a file is sealed with. A passphrase stands alone: beside recipients it would say no more of who sealed the file.
public enum SealingKey: Sendable {
    /// Any of these opens it. At least one.
    case recipients([AgeRecipient])
    /// - Parameter workFactor: binary logarithm of scrypt's cost, 1 up to `PassphraseStanza.highestWorkFactor`.
    case passphrase(Secret, workFactor: Int = PassphraseStanza.standardWorkFactor)
}

/// What a file is opened with.
public enum OpeningKey: Sendable {
    /// Each is tried. At least one.
    case identities([AgeIdentity])
    case passphrase(Secret)
}
