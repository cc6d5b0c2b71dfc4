internal import ByteBuffers

/// AES-256-GCM as the backups of apps use it, with errors of a file.
enum BackupCipher {
    /// - Parameter sealed: ciphertext and tag.
    static func open(_ sealed: [UInt8], key: Secret, nonce: [UInt8]) throws(FormatError) -> Secret {
        guard let plaintext = try attempt(sealed, key: key, nonce: nonce) else {
            throw FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase)
        }
        return plaintext
    }

    /// Nil where the key is another one or the ciphertext was changed.
    static func attempt(_ sealed: [UInt8], key: Secret, nonce: [UInt8]) throws(FormatError) -> Secret? {
        guard key.count == AEAD.keyLength, nonce.count == AEAD.nonceLength else {
            throw FormatError(.malformed, .nonceLength)
        }
        do throws(CryptoError) {
            return try AEAD.aes256GCM.open(sealed, key: key, nonce: nonce)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    /// Ciphertext and tag.
    static func seal(_ plaintext: RawSpan, key: Secret, nonce: [UInt8]) throws(FormatError) -> [UInt8] {
        do throws(CryptoError) {
            return try AEAD.aes256GCM.seal(plaintext, key: key, nonce: nonce)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    /// A new nonce, salt or identity, which is no secret.
    static func random(_ count: Int, _ options: EncodingOptions) throws(FormatError) -> [UInt8] {
        try secret(count, options).withBytes { [UInt8](copying: $0) }
    }

    static func randomKey(_ options: EncodingOptions) throws(FormatError) -> Secret {
        try secret(AEAD.keyLength, options)
    }

    private static func secret(_ count: Int, _ options: EncodingOptions) throws(FormatError) -> Secret {
        do throws(CryptoError) {
            return try Secret.random(count: count, from: options.random)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    /// The passphrase that an encrypted file needs.
    static func require(_ passphrase: Secret?) throws(FormatError) -> Secret {
        guard let passphrase else { throw FormatError(.missing, .fileIsEncrypted, field: .passphrase) }
        return passphrase
    }
}

extension FormatError.Reason {
    public static let nonceLength: Self = "a key or a nonce of another length than the cipher takes"
}
