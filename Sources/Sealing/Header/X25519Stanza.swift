internal import ByteBuffers
internal import SecretFormats

/// The file key for an X25519 recipient (C2SP age, "X25519 recipient stanza").
///
/// ```
/// -> X25519 SHARE
/// SHARE     base64 of 32 bytes: the public key of a private one that is made for this stanza and thrown away
/// wrap key  HKDF-SHA-256(X25519(that private key, recipient), salt = share ‖ recipient,
///             info = "age-encryption.org/v1/X25519")
/// body      32 bytes: ChaCha20-Poly1305 of the file key
/// ```
enum X25519Stanza {
    static let type = "X25519"
    private static let info: StaticString = "age-encryption.org/v1/X25519"

    static func wrap(
        _ fileKey: FileKey, for recipient: AgeRecipient, random: some RandomSource
    ) throws(SealError) -> Stanza {
        let ephemeral = try SealError.crypto { () throws(CryptoError) in
            try Secret.random(count: X25519.length, from: random)
        }
        let share = try X25519.publicKey(of: ephemeral)
        guard let shared = try X25519.sharedSecret(of: ephemeral, with: recipient.publicKey) else {
            throw .malformedKey(.weak, line: nil)
        }
        let key = try wrapKey(shared, share: share, recipient: recipient)
        return Stanza(type: type, arguments: [UnpaddedBase64.text(share)], body: try fileKey.wrapped(with: key))
    }

    /// Nil where the stanza is for another recipient.
    ///
    /// - Throws: `weak` for a share of small order.
    static func unwrap(
        _ share: [UInt8], body: [UInt8], with identity: AgeIdentity, weak: @autoclosure () -> SealError
    ) throws(SealError) -> FileKey? {
        guard let shared = try X25519.sharedSecret(of: identity.privateKey, with: share) else { throw weak() }
        let key = try wrapKey(shared, share: share, recipient: identity.recipient)
        return try FileKey(unwrapping: body, with: key)
    }

    /// The share, if the stanza is as one of this type has to be.
    static func share(of stanza: Stanza) -> [UInt8]? {
        guard stanza.arguments.count == 1, let argument = stanza.arguments.first,
            let share = UnpaddedBase64.bytes(argument), share.count == X25519.length,
            stanza.body.count == Stanza.wrappedKeyLength
        else { return nil }
        return share
    }

    private static func wrapKey(
        _ shared: Secret, share: [UInt8], recipient: AgeRecipient
    ) throws(SealError) -> Secret {
        try SealError.crypto { () throws(CryptoError) in
            try HKDF.derive(
                shared, salt: share + recipient.publicKey, info: info, count: AEAD.keyLength, algorithm: .sha256)
        }
    }
}
