internal import ByteBuffers
internal import SecretFormats

/// The file key for a passphrase (C2SP age, "scrypt recipient stanza").
///
/// ```
/// -> scrypt SALT WORK
/// SALT      base64 of 16 bytes
/// WORK      binary logarithm of scrypt's N, decimal
/// wrap key  scrypt(passphrase, salt = "age-encryption.org/v1/scrypt" ‖ SALT, N, r = 8, p = 1), 32 bytes
/// body      32 bytes: ChaCha20-Poly1305 of the file key
/// ```
public enum PassphraseStanza {
    /// What is written: 2^18 takes 256 MiB and about a second, as `age` does.
    public static let standardWorkFactor = 18
    /// The highest that is read: 2^22 takes 4 GiB. The number stands in the file, so whoever wrote that chooses what a
    /// reader pays.
    public static let highestWorkFactor = 22

    static let type = "scrypt"
    private static let saltLength = 16
    private static let saltPrefix: StaticString = "age-encryption.org/v1/scrypt"
    private static let r: UInt64 = 8
    private static let p: UInt64 = 1
    /// Digits of a number that is above the limit however long it is.
    private static let longestNumber = 9

    struct Parameters {
        let salt: [UInt8]
        let workFactor: Int
    }

    static func wrap(
        _ fileKey: FileKey, passphrase: Secret, workFactor: Int, random: some RandomSource
    ) throws(SealError) -> Stanza {
        guard passphrase.count > 0 else { throw .emptyPassphrase }
        guard 1...highestWorkFactor ~= workFactor else { throw .workFactorTooHigh(workFactor) }
        let parameters = Parameters(salt: try random.bytes(saltLength), workFactor: workFactor)
        let key = try wrapKey(passphrase, parameters)
        return Stanza(
            type: type, arguments: [UnpaddedBase64.text(parameters.salt), String(workFactor)],
            body: try fileKey.wrapped(with: key))
    }

    static func unwrap(_ parameters: Parameters, body: [UInt8], passphrase: Secret) throws(SealError) -> FileKey? {
        guard parameters.workFactor <= highestWorkFactor else { throw .workFactorTooHigh(parameters.workFactor) }
        return try FileKey(unwrapping: body, with: try wrapKey(passphrase, parameters))
    }

    /// What the stanza says, if it is as one of this type has to be; nil otherwise.
    ///
    /// - Throws: `.workFactorTooHigh(nil)` for a number of more digits than any that is meant.
    static func parameters(of stanza: Stanza) throws(SealError) -> Parameters? {
        guard stanza.arguments.count == 2, let first = stanza.arguments.first, let salt = UnpaddedBase64.bytes(first),
            salt.count == saltLength, stanza.body.count == Stanza.wrappedKeyLength,
            let digits = stanza.arguments.last, digits.utf8.first != UInt8(ascii: "0"),
            digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        guard digits.utf8.count <= longestNumber else { throw .workFactorTooHigh(nil) }
        return Int(digits).map { Parameters(salt: salt, workFactor: $0) }
    }

    private static func wrapKey(_ passphrase: Secret, _ parameters: Parameters) throws(SealError) -> Secret {
        let n: UInt64 = 1 << UInt64(parameters.workFactor)
        return try SealError.crypto { () throws(CryptoError) in
            try Scrypt.deriveKey(
                password: passphrase, salt: saltPrefix.withUTF8Buffer { unsafe Array($0) } + parameters.salt, n: n,
                r: r, p: p, count: AEAD.keyLength, memoryLimit: Scrypt.memory(n: n, r: r, p: p))
        }
    }
}
