public import SecretFormats

/// Why a file is not sealed or not opened. It says what and where, and holds nothing of a key or of the contents.
public enum SealError: Error, Hashable, Sendable {
    /// The file does not begin as an age file does.
    case notSealed
    /// An age file of a version that came later.
    case unsupportedVersion
    /// Lines are counted from 1, those of the armor where there is one.
    case malformedArmor(ArmorFault, line: Int)
    /// Lines are counted from 1, from the version line on.
    case malformedHeader(HeaderFault, line: Int)
    /// The header's MAC is not that of its file key.
    case headerChanged
    /// The passphrase is to be put through scrypt with 2 to the power of this, which is above
    /// `PassphraseStanza.highestWorkFactor`; nil where it does not even fit a number.
    case workFactorTooHigh(Int?)
    /// Sealed to other recipients.
    case noMatchingIdentity
    case wrongPassphrase
    /// Sealed with a passphrase, while identities were given.
    case needsPassphrase
    /// Sealed to recipients, while a passphrase was given.
    case needsIdentity
    /// Chunk, counted from 1, that does not open: changed, moved, or cut off within.
    case changedChunk(Int)
    /// The file ends before its last chunk.
    case truncated
    /// A key in a file or an argument; the line is counted from 1, nil for an argument.
    case malformedKey(KeyFault, line: Int?)
    /// A file of keys without any.
    case noKeys
    case emptyPassphrase
    /// A sealed record, or the key of a run, is not what it is said to be.
    case malformedRecord
    /// A sealed record does not open under this key for this row.
    case changedRecord
    /// The source could not be read; it keeps the cause, see `ByteSource`.
    case unreadable
    case cryptography(CryptoError)
}

/// What is wrong in a file's armor.
public enum ArmorFault: Hashable, Sendable {
    case begin, lineLength, alphabet, lastLine, end, afterEnd
}

/// What is wrong in a file's header.
public enum HeaderFault: Hashable, Sendable {
    /// A line that is neither a stanza's nor the MAC's.
    case unknownLine
    /// Nothing but a MAC.
    case noStanza
    case argument, body, mac
    /// Ends within a line, or goes on for more than `HeaderReader.longestHeader` bytes.
    case cutOff, tooLong
    /// A passphrase stands beside other stanzas.
    case passphraseNotAlone
    /// Arguments or body of a stanza that its type does not have.
    case x25519, scrypt
    /// A share of small order, with which the shared secret would be known to all.
    case weakShare
}

/// What is wrong with the text of a recipient or an identity.
public enum KeyFault: Error, Hashable, Sendable {
    case alphabet, mixedCase, checksum, length
    /// Another kind of key, or a recipient where an identity has to be, or the other way round.
    case otherKind
    /// A point of small order, which is nobody's key.
    case weak
}

extension SealError {
    /// Runs a step of the library with its error in ours.
    static func crypto<Result>(_ body: () throws(CryptoError) -> Result) throws(SealError) -> Result {
        do throws(CryptoError) { return try body() } catch { throw .cryptography(error) }
    }
}
