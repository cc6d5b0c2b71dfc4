internal import ByteBuffers

/// The keys of an encrypted PSKC file (RFC 6030 section 6): what values are decrypted with, and what their MACs are
/// checked with.
struct PSKCKeys {
    let encryption: Secret
    let mac: Secret
    let macAlgorithm: HashAlgorithm

    /// Throws where the MAC is wrong; the ciphertext is decrypted after that only (section 6.1).
    func open(_ ciphertext: [UInt8], keyLength: Int, mac expected: [UInt8]?) throws(FormatError) -> Secret {
        guard let expected else { throw FormatError(.missing, .noMAC, field: .secret) }
        let isRight: Bool
        do throws(CryptoError) {
            let found = try HMAC.authenticate(ciphertext, key: mac, algorithm: macAlgorithm)
            isRight = ConstantTime.areEqual(found, expected)
        } catch {
            throw FormatError(.failed, .cryptography, field: .secret)
        }
        guard isRight else { throw FormatError(.wrongPassphrase, .doesNotOpen, field: .secret) }
        return try Self.decrypt(ciphertext, key: encryption, keyLength: keyLength)
    }

    static func decrypt(_ ciphertext: [UInt8], key: Secret, keyLength: Int) throws(FormatError) -> Secret {
        guard key.count == keyLength else { throw FormatError(.wrongPassphrase, .keyLength, field: .passphrase) }
        let plaintext: Secret?
        do throws(CryptoError) {
            plaintext = try AESCBC.decrypt(ciphertext, key: key)
        } catch {
            throw FormatError(.failed, .cryptography, field: .secret)
        }
        guard let plaintext else { throw FormatError(.wrongPassphrase, .doesNotOpen, field: .secret) }
        return plaintext
    }
}

/// How a password becomes a key: PBKDF2 (RFC 8018 section 5.2).
struct PSKCDerivation {
    var salt: [UInt8] = []
    var iterations: UInt64 = 0
    /// Bytes.
    var keyLength: UInt64 = 16
    var hash: HashAlgorithm = .sha1

    /// A hundred times what is usual, and some ten seconds: more in a file is an attack on the reader's time.
    static let iterationRange: ClosedRange<UInt64> = 1...10_000_000
    static let longestSalt = 1024

    func key(of password: Secret) throws(FormatError) -> Secret {
        guard Self.iterationRange.contains(iterations) else {
            throw FormatError(.unsupported, .derivationCost, field: .passphrase)
        }
        guard let keyLength = Int(exactly: keyLength), AESCBC.keyLengths.contains(keyLength) else {
            throw FormatError(.unsupported, .keyLength, field: .passphrase)
        }
        guard salt.count <= Self.longestSalt else { throw FormatError(.unsupported, .saltLength, field: .passphrase) }
        do throws(CryptoError) {
            return try PBKDF2.deriveKey(
                password: password, salt: salt, iterations: Int(iterations), count: keyLength, algorithm: hash)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }
}

extension FormatError.Reason {
    public static let noMAC: Self = "encrypted without a MAC, so that changes would not show"
    public static let keyLength: Self = "a key of another length than the cipher takes"
    public static let derivationCost: Self = "a key derivation of no or of more than ten million rounds"
    public static let saltLength: Self = "a salt longer than 1024 bytes"
}
