internal import ByteBuffers

/// Ente Auth's encrypted export. The one in clear is a list of URIs, which `otpauth` reads.
///
/// ```
/// {"version":1,"kdfParams":{"memLimit":BYTES,"opsLimit":PASSES,"salt":BASE64},
///   "encryptedData":BASE64,"encryptionNonce":BASE64}
/// key    Argon2id of the password, 1 lane
/// data   one message of libsodium's secretstream (`SecretStream`): URIs, one a line
/// ```
struct EnteFormat: SecretFormat {
    let name = "ente"
    let summary = "encrypted export of Ente Auth"
    let limits = FormatLimits(readBy: "Ente Auth", carried: [.issuer, .account])
    let isWritable = false
    let encryption = FormatEncryption.required

    private static let members: [StaticString] = ["kdfParams", "encryptedData", "encryptionNonce"]
    private static let version: UInt64 = 1
    private static let kibibyte: UInt64 = 1024

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        return text.first == UInt8(ascii: "{") && text.haveMembers(Self.members)
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        EnteDecoder(source, options)
    }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        throw FormatError(.unsupported, .readOnly)
    }

    fileprivate static func open(_ root: JSON, passphrase: Secret?) throws(FormatError) -> Secret {
        guard try root.number("version", .schema) ?? version <= version else {
            throw FormatError(.unsupported, .otherVersion, field: .schema)
        }
        guard let parameters = root["kdfParams"], let memory = try parameters.number("memLimit", .memory),
            let passes = try parameters.number("opsLimit", .iterations)
        else { throw FormatError(.missing, .empty, field: .params) }
        let message = try root.bytes("encryptedData", .params, Base64.decode)
        let header = try root.bytes("encryptionNonce", .params, Base64.decode)
        guard header.count == SecretStream.headerLength else {
            throw FormatError(.malformed, .nonceLength, field: .params)
        }
        let key = try BackupKey.argon2id(
            BackupCipher.require(passphrase), salt: parameters.bytes("salt", .salt, Base64.decode), passes: passes,
            memory: memory / kibibyte, lanes: 1)
        let plaintext: Secret?
        do throws(CryptoError) {
            plaintext = try SecretStream.open(message, key: key, header: header)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
        guard let plaintext else { throw FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase) }
        return plaintext
    }
}

/// Opens the file at the first record, and goes on with the list that was in it.
private final class EnteDecoder: RecordDecoding {
    private let source: any ByteSource
    private let options: DecodingOptions
    private var list: (any RecordDecoding)?
    var leftOut: Set<FormatError.Field> { list?.leftOut ?? [] }

    init(_ source: any ByteSource, _ options: DecodingOptions) {
        self.source = source
        self.options = options
    }

    func next() throws(FormatError) -> TokenRecord? {
        if let list { return try list.next() }
        let file = try WholeFile.read(source)
        let root = try file.withBytes { (bytes: RawSpan) throws(FormatError) in try JSONParser.parse(bytes) }
        let text = try EnteFormat.open(root, passphrase: options.passphrase)
        let opened = OTPAuthFormat().makeDecoder(text.withBytes { BufferSource(copying: $0) }, options: options)
        list = opened
        return try opened.next()
    }
}
