internal import ByteBuffers

/// The encryption of andOTP's backup with a password.
///
/// ```
/// offset  size  field
/// 0       4     rounds of PBKDF2-HMAC-SHA1, big-endian: 140000 up to 160000
/// 4       12    salt
/// 16      12    nonce
/// 28      …     ciphertext and tag, AES-256-GCM
/// ```
///
/// Before version 0.6.3 the first two were missing, and the key was the SHA-256 of the password. What does not begin with
/// a number of rounds is taken for such a file.
enum AndOTPVault {
    static let iterationRange: ClosedRange<UInt32> = 140_000...160_000
    private static let iterationsLength = 4
    private static let saltLength = 12
    private static let headerLength = iterationsLength + saltLength + AEAD.nonceLength

    static func open(_ file: RawSpan, passphrase: Secret?) throws(FormatError) -> Secret {
        let passphrase = try BackupCipher.require(passphrase)
        let bytes = [UInt8](copying: file)
        guard let iterations = iterations(of: file), bytes.count >= headerLength else {
            guard bytes.count >= AEAD.nonceLength + AEAD.tagLength else {
                throw FormatError(.malformed, .tooShort)
            }
            return try BackupCipher.open(
                Array(bytes.dropFirst(AEAD.nonceLength)), key: try oldKey(passphrase),
                nonce: Array(bytes.prefix(AEAD.nonceLength)))
        }
        let salt = bytes.dropFirst(iterationsLength).prefix(saltLength)
        let nonce = bytes.dropFirst(iterationsLength + saltLength).prefix(AEAD.nonceLength)
        let key = try BackupKey.pbkdf2(passphrase, salt: Array(salt), iterations: UInt64(iterations), hash: .sha1)
        return try BackupCipher.open(Array(bytes.dropFirst(headerLength)), key: key, nonce: Array(nonce))
    }

    /// Nil for what does not begin with a number of rounds that the app takes.
    static func iterations(of file: RawSpan) -> UInt32? {
        guard file.byteCount >= iterationsLength else { return nil }
        let number = (0..<iterationsLength).reduce(0) { $0 << UInt32(UInt8.bitWidth) | UInt32(file[byte: $1]) }
        return iterationRange.contains(number) ? number : nil
    }

    static func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        let salt = try BackupCipher.random(saltLength, options)
        let nonce = try BackupCipher.random(AEAD.nonceLength, options)
        let iterations = iterationRange.upperBound
        let key = try BackupKey.pbkdf2(passphrase, salt: salt, iterations: UInt64(iterations), hash: .sha1)
        output.append(bigEndian: iterations)
        output.append(contentsOf: salt)
        output.append(contentsOf: nonce)
        output.append(contentsOf: try BackupCipher.seal(plaintext, key: key, nonce: nonce))
    }

    private static func oldKey(_ passphrase: Secret) throws(FormatError) -> Secret {
        do throws(CryptoError) {
            return try passphrase.hashed(with: .sha256)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }
}

extension FormatError.Reason {
    public static let tooShort: Self = "too short for what the format begins and ends with"
}
