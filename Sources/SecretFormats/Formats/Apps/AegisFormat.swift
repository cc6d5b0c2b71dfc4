internal import ByteBuffers

/// Aegis's vault, exported in clear or encrypted (`AegisVault`).
///
/// ```
/// {"version":1,"header":{"slots":null,"params":null},"db":{"version":2,"entries":[
///   {"type":"totp","name":ACCOUNT,"issuer":ISSUER,"note":…,"info":{"secret":BASE32,"algo":"SHA1","digits":6,"period":30}},
///   {"type":"hotp",…,"info":{…,"counter":0}}]}}
/// ```
///
/// Name and issuer have to be texts, so an issuer that there is not is an empty one.
struct AegisFormat: SealedJSONFormat {
    let name = "aegis"
    let summary = "vault of Aegis, with a password where one is given"
    let limits = FormatLimits(readBy: "Aegis", carried: [.issuer, .account])

    static let members: [StaticString] = ["header", "db"]

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard let vault = root["db"] else { throw FormatError(.malformed, .noList) }
        return try vault.elements("entries")
    }

    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        let root = try JSONParser.parse(file)
        guard case .string(let db)? = root["db"] else { return root }
        let vault = try AegisVault.open(db, header: root["header"], passphrase: passphrase)
        return .object([JSON.Member(name: "db", value: try vault.withBytes(JSONParser.parse))])
    }

    func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        try AegisVault.seal(plaintext, with: passphrase, options: options, into: output)
    }

    func leftOut(of entry: JSON) -> Set<FormatError.Field> {
        guard case .string(let note)? = entry["note"], !note.isEmpty else { return [] }
        return [.note]
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let info = entry["info"], info.isObject else { throw FormatError(.missing, .empty, field: .secret) }
        let isCounted = try entry.isCounted("type")
        let columns = OATHColumns(
            isCounted: isCounted, secret: try info.secret("secret", Base32.decode),
            algorithm: try info.algorithm("algo"), digits: try info.number("digits", .digits),
            moving: isCounted ? try info.requiredCounter("counter") : try info.number("period", .period))
        return TokenRecord(
            credential: try columns.credential(
                Label(issuer: entry.text("issuer", .issuer), account: entry.text("name", .account) ?? "")))
    }

    func head(_ options: EncodingOptions) -> String {
        let vault = #"{"version":2,"entries":["#
        return options.passphrase == nil
            ? #"{"version":1,"header":{"slots":null,"params":null},"db":"# + vault : vault
    }

    func tail(_ options: EncodingOptions) -> String { options.passphrase == nil ? "]}}" : "]}" }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        json.text("type", credential.isCounted ? "hotp" : "totp")
        json.text("name", credential.label.account)
        json.text("issuer", credential.label.issuer ?? "")
        json.text("icon", nil)
        json.object("info") {
            json.base32("secret", credential.secret)
            json.number("digits", credential.digits)
            json.text("algo", credential.algorithm.rawValue)
            json.number(credential.isCounted ? "counter" : "period", credential.moving)
        }
    }
}

extension JSON {
    /// A counter that is taken for 0 where there is none gives wrong codes.
    func requiredCounter(_ name: String) throws(FormatError) -> UInt64 {
        guard let counter = try number(name, .counter) else { throw FormatError(.missing, .empty, field: .counter) }
        return counter
    }
}

extension FormatError.Field {
    public static let note: Self = "note"
}
