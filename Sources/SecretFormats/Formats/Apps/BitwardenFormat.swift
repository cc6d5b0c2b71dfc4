internal import ByteBuffers

/// Bitwarden's export as JSON, in clear; encrypted with a password it is read as well (`BitwardenVault`).
///
/// ```
/// {"encrypted":false,"folders":[],"items":[{"type":1,"reprompt":0,"favorite":false,"name":TITLE,"notes":null,
///   "login":{"username":USER,"password":null,"totp":URI OR BASE32}},…]}
/// ```
///
/// Bitwarden takes an `otpauth://hotp` URI for a time-based one, so those are refused.
struct BitwardenFormat: JSONFormat {
    let name = "bitwarden"
    let summary = "Bitwarden's export as JSON; also opened with its password"
    let limits = FormatLimits(readBy: "Bitwarden", kinds: [.totp], carried: [.issuer, .account])

    static let members: [StaticString] = ["encrypted", "items"]
    private static let loginType = 1

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard text.first == UInt8(ascii: "{") else { return false }
        return text.haveMembers(Self.members) || text.haveMembers(BitwardenVault.members)
    }

    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        let root = try JSONParser.parse(file)
        guard case .bool(true)? = root["encrypted"] else { return root }
        return try BitwardenVault.open(root, passphrase: passphrase).withBytes(JSONParser.parse)
    }

    func entries(in root: JSON) throws(FormatError) -> [JSON] { try root.elements("items") }

    func holdsCredential(_ entry: JSON) -> Bool {
        guard case .string(let text)? = entry["login"]?["totp"] else { return false }
        return !text.isEmpty
    }

    func leftOut(of entry: JSON) -> Set<FormatError.Field> {
        var fields: Set<FormatError.Field> = []
        if case .string? = entry["notes"] { fields.insert(.note) }
        if case .string? = entry["login"]?["password"] { fields.insert(.password) }
        if case .string(let text)? = entry["login"]?["totp"] { fields.formUnion(text.withBytes(LoginTOTP.leftOut)) }
        return fields
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let login = entry["login"], case .string(let text)? = login["totp"] else {
            throw FormatError(.missing, .empty, field: .secret)
        }
        let title = try entry.text("name", .issuer)
        let user = try login.text("username", .account)
        return try text.withBytes { (text: RawSpan) throws(FormatError) in
            try LoginTOTP.record(text, title: title, user: user)
        }
    }

    func head(_ options: EncodingOptions) -> String { #"{"encrypted":false,"folders":[],"items":["# }
    func tail(_ options: EncodingOptions) -> String { "]}" }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        let label = credential.label
        json.number("type", Self.loginType)
        json.number("reprompt", 0)
        json.bool("favorite", false)
        json.text("name", label.issuer ?? label.account)
        json.text("notes", nil)
        json.object("login") {
            json.text("username", label.account)
            json.text("password", nil)
            json.uri("totp", credential)
        }
    }
}

extension JSONOutput {
    /// The `otpauth` URI, which has no character that JSON escapes.
    func uri(_ name: StaticString, _ credential: Credential) {
        let uri = WipedBuffer(capacity: 256)
        OTPAuthURI.encode(credential, explicit: false, into: uri)
        secret(name, Secret(uri)) { $1.append(contentsOf: $0) }
    }
}
