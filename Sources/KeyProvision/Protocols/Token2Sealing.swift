import ByteBuffers
import SecretFormats

/// How an entry goes to a key without a PIN: encrypted for it, under a key that is used once.
///
///      0  64  point of the host's new key: X and Y
///     64   …  entry, AES-256-CBC, PKCS #7; the key is SHA-256 of the shared X
///
/// The key's point is not signed, so this hides the seed from who listens and not from who stands between.
enum Token2Sealing {
    /// - Parameter point: of the key, as it told it.
    /// - Returns: nil where that is no point of the curve.
    static func seal(
        _ cleartext: WipedBuffer, for point: [UInt8], random: some RandomSource
    ) throws(CryptoError) -> WipedBuffer? {
        let host = try P256KeyAgreement(random: random)
        guard let shared = try host.sharedSecret(with: point) else { return nil }
        let key = try shared.hashed(with: .sha256)
        let ciphertext = try cleartext.withBytes { bytes throws(CryptoError) in
            try AESCBC.encrypt(bytes, key: key, vector: Token2Wire.entryVector)
        }
        return WipedBuffer(host.publicPoint + ciphertext)
    }
}

/// What a key with a PIN agrees with the host on (firmware R3.4): entries go both ways under these keys as soon as the PIN
/// was right.
///
///     shared X ── HKDF-SHA256, no salt ──┬── "TOTP AES key"   32 bytes   encryption
///                                        └── "TOTP HMAC key"  32 bytes   authentication
struct Token2SessionKeys {
    private let encryption: Secret
    private let authentication: Secret

    init(shared: Secret) throws(CryptoError) {
        encryption = try HKDF.derive(
            shared, salt: [], info: "TOTP AES key", count: Self.keyLength, algorithm: .sha256)
        authentication = try HKDF.derive(
            shared, salt: [], info: "TOTP HMAC key", count: Self.keyLength, algorithm: .sha256)
    }

    /// An entry, for the key.
    ///
    ///      0  16  initialization vector
    ///     16   n  entry, AES-256-CBC, PKCS #7
    ///      …  16  start of the HMAC-SHA256 of those n bytes
    func seal(_ cleartext: WipedBuffer, random: some RandomSource) throws(CryptoError) -> WipedBuffer {
        let sealed = try cleartext.withBytes { bytes throws(CryptoError) in
            try AESCBC.encrypt(bytes, key: encryption, random: random)
        }
        return WipedBuffer(sealed + (try tag(sealed.dropFirst(AESCBC.blockLength))))
    }

    /// An answer of the key, in the same form.
    ///
    /// - Returns: nil for what is not in that form, or not from the key that these keys are shared with.
    func open(_ bytes: ArraySlice<UInt8>) throws(CryptoError) -> ArraySlice<UInt8>? {
        let sealed = bytes.dropLast(Self.tagLength)
        let tag = try tag(sealed.dropFirst(AESCBC.blockLength))
        guard ConstantTime.areEqual(tag, Array(bytes.suffix(Self.tagLength))) else { return nil }
        let plaintext = try AESCBC.decrypt(Array(sealed), key: encryption)
        return plaintext.map { $0.withBytes { [UInt8](copying: $0)[...] } }
    }

    /// Shows that the host knows the PIN, without telling it.
    ///
    ///      0  16  initialization vector
    ///     16  16  AES(encryption; AES(SHA-256 of PIN, SHA-256 of challenge as vector; challenge))
    ///
    /// - Parameters:
    ///   - vector: in front of the challenge, 16 bytes.
    ///   - encryptedChallenge: 16 bytes.
    func proof(
        of pin: Secret, vector: [UInt8], encryptedChallenge: [UInt8], random: some RandomSource
    ) throws(CryptoError) -> WipedBuffer {
        let challenge = try WipedBuffer(encryptedChallenge).withBytes { bytes throws(CryptoError) in
            try AESCBC.decryptBlocks(bytes, key: encryption, vector: vector)
        }
        let innerVector = try challenge.hashed(with: .sha256).withBytes { [UInt8](copying: $0) }
        let pinKey = try pin.hashed(with: .sha256)
        let inner = try challenge.withBytes { bytes throws(CryptoError) in
            try AESCBC.encryptBlocks(bytes, key: pinKey, vector: Array(innerVector.prefix(AESCBC.blockLength)))
        }
        let outerVector = try Secret.random(count: AESCBC.blockLength, from: random)
            .withBytes { [UInt8](copying: $0) }
        let outer = try inner.withBytes { bytes throws(CryptoError) in
            try AESCBC.encryptBlocks(bytes, key: encryption, vector: outerVector)
        }
        return WipedBuffer(outerVector + outer.withBytes { [UInt8](copying: $0) })
    }

    private func tag(_ ciphertext: ArraySlice<UInt8>) throws(CryptoError) -> [UInt8] {
        let mac = try HMAC.authenticate(Array(ciphertext), key: authentication, algorithm: .sha256)
        return Array(mac.prefix(Self.tagLength))
    }

    private static let keyLength = 32
    private static let tagLength = 16
}
