internal import ByteBuffers

/// The encryption of 2FAS's backup.
///
/// ```
/// {"services":[],…,"servicesEncrypted":TEXT,"reference":TEXT}
/// TEXT   BASE64 of ciphertext and tag : BASE64 of the salt (256 bytes) : BASE64 of the nonce (12 bytes)
/// key    PBKDF2-HMAC-SHA256 of the password, 10,000 rounds
/// ```
///
/// `reference` is a text that all backups have, encrypted as well, by which the app tests a password.
enum TwoFASVault {
    private static let iterations: UInt64 = 10_000
    private static let saltLength = 256
    /// `BackupContent.Reference` of the app (github.com/twofas/2fas-android).
    private static let reference: StaticString = """
        tRViSsLKzd86Hprh4ceC2OP7xazn4rrt4xhfEUbOjxLX8Rc3mkISXE0lWbmnWfggogbBJhtYgpK6fMl1D6mtsy92R3HkdGfwuXbzLebqVFJsR7IZ\
        2w58t938iymwG4824igYy1wi6n2WDpO1Q1P69zwJGs2F5a1qP4MyIiDSD7NCV2OvidXQCBnDlGfmz0f1BQySRkkt4ryiJeCjD2o4QsveJ9uDBUn8\
        ELyOrESv5R5DMDkD4iAF8TXU7KyoJujd
        """

    /// The services.
    static func open(_ text: WipedBuffer, passphrase: Secret?) throws(FormatError) -> Secret {
        let parts = try text.withBytes { (text: RawSpan) throws(FormatError) in
            let row = try CSVRow(parsing: text, separator: UInt8(ascii: ":"), takesQuotes: false)
            guard row.count == Part.count else { throw FormatError(.malformed, .threeParts) }
            var parts: [[UInt8]] = []
            for index in 0..<row.count {
                parts.append(try row.secret(index, Base64.decode, .params).withBytes { [UInt8](copying: $0) })
            }
            return parts
        }
        let key = try BackupKey.pbkdf2(
            BackupCipher.require(passphrase), salt: parts[Part.salt], iterations: iterations, hash: .sha256)
        return try BackupCipher.open(parts[Part.ciphertext], key: key, nonce: parts[Part.nonce])
    }

    static func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions
    ) throws(FormatError) -> (services: WipedBuffer, reference: WipedBuffer) {
        let salt = try BackupCipher.random(saltLength, options)
        let key = try BackupKey.pbkdf2(passphrase, salt: salt, iterations: iterations, hash: .sha256)
        let services = try text(plaintext, key: key, salt: salt, options)
        let known = WipedBuffer(capacity: 256)
        known.append(reference)
        return (
            services,
            try known.withBytes { (bytes: RawSpan) throws(FormatError) in
                try text(bytes, key: key, salt: salt, options)
            }
        )
    }

    private enum Part {
        static let ciphertext = 0
        static let salt = 1
        static let nonce = 2
        static let count = 3
    }

    private static func text(
        _ plaintext: RawSpan, key: Secret, salt: [UInt8], _ options: EncodingOptions
    ) throws(FormatError) -> WipedBuffer {
        let nonce = try BackupCipher.random(AEAD.nonceLength, options)
        let text = WipedBuffer(capacity: plaintext.byteCount * 2)
        let parts = [try BackupCipher.seal(plaintext, key: key, nonce: nonce), salt, nonce]
        for (index, part) in parts.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ":")) }
            WipedBuffer(part).withBytes { Base64.encode($0, into: text) }
        }
        return text
    }
}

extension FormatError.Reason {
    public static let threeParts: Self = "not a ciphertext, a salt and a nonce"
}
