internal import ByteBuffers

/// The encryption of Stratum's backup, which was Authenticator Pro's.
///
/// ```
/// offset  size  field
/// 0       16    "AUTHENTICATORPRO"
/// 16      16    salt
/// 32      12    nonce
/// 44      …     ciphertext and tag, AES-256-GCM; the key is Argon2id's: 3 passes, 64 MiB, 4 lanes
/// ```
///
/// Older files, which are read only:
///
/// ```
/// 0       16    "AuthenticatorPro"
/// 16      20    salt
/// 36      16    initialization vector
/// 52      …     ciphertext, AES-256-CBC; the key is PBKDF2-HMAC-SHA1's, 64,000 rounds
/// ```
///
/// The older ones have no MAC, so a plaintext that is no JSON means a wrong password as well.
enum StratumVault {
    private static let magic: StaticString = "AUTHENTICATORPRO"
    private static let oldMagic: StaticString = "AuthenticatorPro"
    private static let saltLength = 16
    private static let passes: UInt64 = 3
    /// KiB.
    private static let memory: UInt64 = 65_536
    private static let lanes: UInt64 = 4
    private static let oldSaltLength = 20
    private static let oldIterations: UInt64 = 64_000

    /// Whether a file is encrypted, the new way or the old.
    static func isSealed(_ file: RawSpan) -> Bool { file.starts(withASCII: magic) }

    static func open(_ file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        let passphrase = try BackupCipher.require(passphrase)
        let rest = [UInt8](copying: file.extracting(droppingFirst: magic.utf8CodeUnitCount))
        // Capital and small letters are all that tells the two apart.
        let start = [UInt8](copying: file.extracting(first: min(file.byteCount, magic.utf8CodeUnitCount)))
        if start == oldMagic.withUTF8Buffer({ unsafe Array($0) }) { return try openOld(rest, passphrase) }
        guard start == magic.withUTF8Buffer({ unsafe Array($0) }) else { throw FormatError(.malformed, .notJSON) }
        guard rest.count >= saltLength + AEAD.nonceLength + AEAD.tagLength else {
            throw FormatError(.malformed, .tooShort)
        }
        let key = try argon2id(passphrase, salt: Array(rest.prefix(saltLength)))
        let nonce = rest.dropFirst(saltLength).prefix(AEAD.nonceLength)
        let sealed = rest.dropFirst(saltLength + AEAD.nonceLength)
        return try BackupCipher.open(Array(sealed), key: key, nonce: Array(nonce)).withBytes(JSONParser.parse)
    }

    private static func openOld(_ rest: [UInt8], _ passphrase: Secret) throws(FormatError) -> JSON {
        guard rest.count >= oldSaltLength + 2 * AESCBC.blockLength else { throw FormatError(.malformed, .tooShort) }
        let key = try BackupKey.pbkdf2(
            passphrase, salt: Array(rest.prefix(oldSaltLength)), iterations: oldIterations, hash: .sha1)
        let plaintext: Secret?
        do throws(CryptoError) {
            plaintext = try AESCBC.decrypt(Array(rest.dropFirst(oldSaltLength)), key: key)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
        do throws(FormatError) {
            if let plaintext { return try plaintext.withBytes(JSONParser.parse) }
        } catch {}
        throw FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase)
    }

    static func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        let salt = try BackupCipher.random(saltLength, options)
        let nonce = try BackupCipher.random(AEAD.nonceLength, options)
        let key = try argon2id(passphrase, salt: salt)
        output.append(magic)
        output.append(contentsOf: salt)
        output.append(contentsOf: nonce)
        output.append(contentsOf: try BackupCipher.seal(plaintext, key: key, nonce: nonce))
    }

    private static func argon2id(_ passphrase: Secret, salt: [UInt8]) throws(FormatError) -> Secret {
        try BackupKey.argon2id(passphrase, salt: salt, passes: passes, memory: memory, lanes: lanes)
    }
}
