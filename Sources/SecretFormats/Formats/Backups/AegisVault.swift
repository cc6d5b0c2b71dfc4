internal import ByteBuffers

/// The encryption of Aegis's vault (Aegis, `docs/vault.md`).
///
/// ```
/// {"version":1,"header":{
///    "slots":[{"type":1,"uuid":…,"key":HEX,"key_params":{"nonce":HEX,"tag":HEX},"n":32768,"r":8,"p":1,"salt":HEX},…],
///    "params":{"nonce":HEX,"tag":HEX}},
///  "db":BASE64}
///
/// key    the master key, AES-256-GCM with the key that scrypt makes of the password and the salt
/// db     the accounts, AES-256-GCM with the master key
/// ```
///
/// There may be several slots with passwords, and others (type 2, fingerprints) that open on the phone only.
struct AegisVault {
    private static let passwordSlot: UInt64 = 1
    /// Each costs a derivation, so a file of thousands would take hours.
    private static let mostPasswordSlots = 8
    private static let n: UInt64 = 1 << 15
    private static let r: UInt64 = 8
    private static let p: UInt64 = 1
    private static let saltLength = 32

    /// The text of `db`.
    static func open(_ db: WipedBuffer, header: JSON?, passphrase: Secret?) throws(FormatError) -> Secret {
        guard let header, let params = header["params"], params.isObject else {
            throw FormatError(.malformed, .noVaultHeader)
        }
        var slots: [JSON] = []
        for slot in try header.elements("slots") where try slot.number("type", .type) == passwordSlot {
            slots.append(slot)
        }
        guard !slots.isEmpty else { throw FormatError(.unsupported, .noPasswordSlot) }
        guard slots.count <= mostPasswordSlots else { throw FormatError(.unsupported, .tooManySlots) }
        let passphrase = try BackupCipher.require(passphrase)
        for slot in slots {
            guard let master = try masterKey(of: slot, passphrase) else { continue }
            let ciphertext = try db.withBytes(Base64.decode).withBytes { [UInt8](copying: $0) }
            return try BackupCipher.open(
                ciphertext + params.bytes("tag", .params, Hex.decode), key: master,
                nonce: params.bytes("nonce", .params, Hex.decode))
        }
        throw FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase)
    }

    private static func masterKey(of slot: JSON, _ passphrase: Secret) throws(FormatError) -> Secret? {
        guard let params = slot["key_params"], params.isObject, let n = try slot.number("n", .scryptN),
            let r = try slot.number("r", .scryptR), let p = try slot.number("p", .scryptP)
        else { throw FormatError(.malformed, .noVaultHeader) }
        let key = try BackupKey.scrypt(passphrase, salt: slot.bytes("salt", .salt, Hex.decode), n: n, r: r, p: p)
        return try BackupCipher.attempt(
            slot.bytes("key", .params, Hex.decode) + params.bytes("tag", .params, Hex.decode), key: key,
            nonce: params.bytes("nonce", .params, Hex.decode))
    }

    static func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        let salt = try BackupCipher.random(saltLength, options)
        let master = try BackupCipher.randomKey(options)
        let wrapNonce = try BackupCipher.random(AEAD.nonceLength, options)
        let wrapKey = try BackupKey.scrypt(passphrase, salt: salt, n: n, r: r, p: p)
        let wrapped = try master.withBytes { (bytes: RawSpan) throws(FormatError) in
            try BackupCipher.seal(bytes, key: wrapKey, nonce: wrapNonce)
        }
        let nonce = try BackupCipher.random(AEAD.nonceLength, options)
        let sealed = try BackupCipher.seal(plaintext, key: master, nonce: nonce)
        let uuid = try UUIDText.random(options)

        let json = JSONOutput()
        json.object {
            json.number("version", 1)
            json.object("header") {
                json.array("slots") {
                    json.object {
                        json.number("type", passwordSlot)
                        json.text("uuid", uuid)
                        json.hex("key", wrapped.dropLast(AEAD.tagLength))
                        json.object("key_params") {
                            json.hex("nonce", wrapNonce[...])
                            json.hex("tag", wrapped.suffix(AEAD.tagLength))
                        }
                        json.number("n", n)
                        json.number("r", r)
                        json.number("p", p)
                        json.hex("salt", salt[...])
                    }
                }
                json.object("params") {
                    json.hex("nonce", nonce[...])
                    json.hex("tag", sealed.suffix(AEAD.tagLength))
                }
            }
            json.base64("db", sealed.dropLast(AEAD.tagLength))
        }
        output.append(contentsOf: json.buffer)
        output.append(UInt8(ascii: "\n"))
    }
}

extension FormatError.Field {
    public static let params: Self = "parameters of the encryption"
}

extension FormatError.Reason {
    public static let noVaultHeader: Self = "an encrypted vault without what is needed to open it"
    public static let noPasswordSlot: Self = "an encrypted vault that no password opens"
    public static let tooManySlots: Self = "an encrypted vault with more than eight passwords"
}
