internal import ByteBuffers

/// Bitwarden's export that a password opens (bitwarden.com, "Encrypted exports"; `BitwardenPasswordProtectedImporter`).
///
/// ```
/// {"encrypted":true,"passwordProtected":true,"salt":TEXT,"kdfType":0,"kdfIterations":N,
///   "encKeyValidation_DO_NOT_EDIT":SEALED,"data":SEALED}
/// kdfType  0 PBKDF2-HMAC-SHA256 with the bytes of the text · 1 Argon2id with their SHA-256, and
///          "kdfMemory" (MiB), "kdfParallelism"
/// keys     HKDF-Expand-SHA256 of that, "enc" and "mac"
/// SEALED   2.BASE64|BASE64|BASE64: initialization vector, AES-256-CBC, HMAC-SHA256 over both
/// ```
///
/// Exports that the account's own key encrypts cannot be opened outside of Bitwarden.
enum BitwardenVault {
    static let members: [StaticString] = ["encrypted", "passwordProtected", "kdfIterations"]

    private static let pbkdf2: UInt64 = 0
    private static let argon2id: UInt64 = 1
    private static let kibibytes: UInt64 = 1024
    /// AES-256-CBC with HMAC-SHA256.
    private static let sealedType: StaticString = "2."

    /// The document within.
    static func open(_ root: JSON, passphrase: Secret?) throws(FormatError) -> Secret {
        guard case .bool(true)? = root["passwordProtected"] else { throw FormatError(.unsupported, .accountKey) }
        let key = try key(root, BackupCipher.require(passphrase))
        let encryption: Secret
        let mac: Secret
        do throws(CryptoError) {
            encryption = try HKDF.expand(key, info: "enc", count: BackupKey.length, algorithm: .sha256)
            mac = try HKDF.expand(key, info: "mac", count: BackupKey.length, algorithm: .sha256)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
        guard case .string(let data)? = root["data"] else { throw FormatError(.missing, .empty, field: .params) }
        return try data.withBytes { (text: RawSpan) throws(FormatError) in
            try open(text, key: encryption, mac: mac)
        }
    }

    private static func key(_ root: JSON, _ passphrase: Secret) throws(FormatError) -> Secret {
        guard case .string(let text)? = root["salt"], let iterations = try root.number("kdfIterations", .iterations)
        else { throw FormatError(.missing, .empty, field: .salt) }
        let salt = text.withBytes { [UInt8](copying: $0) }
        switch try root.number("kdfType", .params) {
        case pbkdf2: return try BackupKey.pbkdf2(passphrase, salt: salt, iterations: iterations, hash: .sha256)
        case argon2id:
            guard let memory = try root.number("kdfMemory", .memory),
                let lanes = try root.number("kdfParallelism", .lanes)
            else { throw FormatError(.missing, .empty, field: .memory) }
            let hashed: [UInt8]
            do throws(CryptoError) {
                hashed = try HashAlgorithm.sha256.digest(of: salt)
            } catch {
                throw FormatError(.failed, .cryptography, field: .passphrase)
            }
            return try BackupKey.argon2id(
                passphrase, salt: hashed, passes: iterations,
                memory: memory.multipliedReportingOverflow(by: kibibytes).overflow ? .max : memory * kibibytes,
                lanes: lanes)
        default: throw FormatError(.unsupported, .backupDerivation, field: .params)
        }
    }

    /// Decrypts what has the right MAC only.
    private static func open(_ text: RawSpan, key: Secret, mac: Secret) throws(FormatError) -> Secret {
        guard text.starts(withASCII: sealedType) else { throw FormatError(.unsupported, .otherCipher, field: .params) }
        let parts = try CSVRow(
            parsing: text.extracting(droppingFirst: sealedType.utf8CodeUnitCount), separator: UInt8(ascii: "|"),
            takesQuotes: false)
        try parts.require(columns: 3...3)
        let ciphertext =
            try parts.secret(0, Base64.decode, .params).withBytes { [UInt8](copying: $0) }
            + parts.secret(1, Base64.decode, .params).withBytes { [UInt8](copying: $0) }
        let expected = try parts.secret(2, Base64.decode, .params).withBytes { [UInt8](copying: $0) }
        let keys = PSKCKeys(encryption: key, mac: mac, macAlgorithm: .sha256)
        do throws(FormatError) {
            return try keys.open(ciphertext, keyLength: BackupKey.length, mac: expected)
        } catch {
            throw FormatError(error.code, error.reason, field: .passphrase)
        }
    }
}

extension FormatError.Reason {
    public static let accountKey: Self = "encrypted with the key of an account, which is not in the file"
    public static let backupDerivation: Self = "a key derivation other than PBKDF2 and Argon2id"
}
