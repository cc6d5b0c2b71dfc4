internal import ByteBuffers
internal import SecretFormats

/// The key of one file, from which those of its parts come (C2SP age, "File key", "Header MAC", "Payload").
struct FileKey: Equatable {
    static let length = 16
    static let macLength = 32
    static let payloadNonceLength = 16

    let secret: Secret

    /// The MAC of the header up to its last `---`.
    func mac(of header: RawSpan) throws(SealError) -> [UInt8] {
        try SealError.crypto { () throws(CryptoError) in
            let key = try HKDF.derive(
                secret, salt: [], info: "header", count: AEAD.keyLength, algorithm: .sha256)
            return try HMAC.authenticate(header, key: key, algorithm: .sha256)
        }
    }

    /// - Parameter nonce: 16 bytes, in front of the payload.
    func payloadKey(nonce: [UInt8]) throws(SealError) -> Secret {
        try SealError.crypto { () throws(CryptoError) in
            try HKDF.derive(secret, salt: nonce, info: "payload", count: AEAD.keyLength, algorithm: .sha256)
        }
    }

    /// The body of a stanza: ChaCha20-Poly1305 with a nonce of zeros, as each key is used once.
    func wrapped(with key: Secret) throws(SealError) -> [UInt8] {
        let body = WipedBuffer()
        try secret.withBytes { (secret: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.chaCha20Poly1305.seal(secret, key: key, nonce: Self.wrapNonce, into: body)
            }
        }
        return body.withBytes { [UInt8](copying: $0) }
    }

    /// Nil where `body` does not open with `key`. Its length is checked before, so that a body cannot be made that opens
    /// with many keys.
    init?(unwrapping body: [UInt8], with key: Secret) throws(SealError) {
        let opened = try WipedBuffer(body).withBytes { (body: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.chaCha20Poly1305.open(body, key: key, nonce: Self.wrapNonce)
            }
        }
        guard let opened, opened.count == Self.length else { return nil }
        secret = Secret(opened)
    }

    init(from random: some RandomSource) throws(SealError) {
        secret = try SealError.crypto { () throws(CryptoError) in try Secret.random(count: Self.length, from: random) }
    }

    private static let wrapNonce = [UInt8](repeating: 0, count: AEAD.nonceLength)
}

extension RandomSource {
    /// Bytes that need not be secret: salts and nonces.
    func bytes(_ count: Int) throws(SealError) -> [UInt8] {
        try SealError.crypto { () throws(CryptoError) in
            try Secret.random(count: count, from: self).withBytes { [UInt8](copying: $0) }
        }
    }
}
