internal import ByteBuffers

/// 2FAS's backup, schema 4, in clear or encrypted (`TwoFASVault`).
///
/// ```
/// {"services":[{"name":ISSUER,"secret":BASE32,"updatedAt":MILLISECONDS,
///   "otp":{"issuer":…,"label":ACCOUNT,"account":ACCOUNT,"algorithm":"SHA1","digits":6,"period":30,"tokenType":"TOTP"},
///   "order":{"position":0}}],"groups":[],"updatedAt":…,"schemaVersion":4}
/// ```
struct TwoFASFormat: SealedJSONFormat {
    let name = "2fas"
    let summary = "backup of 2FAS, with a password where one is given"
    let limits = FormatLimits(
        readBy: "2FAS", periods: .oneOf([10, 30, 60, 90]), counters: 0...UInt64(Int32.max),
        carried: [.issuer, .account])

    static let members: [StaticString] = ["services", "schemaVersion"]
    /// The newest that is known; a newer one may mean something else.
    private static let schema: UInt64 = 4

    func entries(in root: JSON) throws(FormatError) -> [JSON] { try root.elements("services") }

    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        let root = try JSONParser.parse(file)
        guard try root.number("schemaVersion", .schema) ?? 1 <= Self.schema else {
            throw FormatError(.unsupported, .otherVersion, field: .schema)
        }
        guard case .string(let text)? = root["servicesEncrypted"], case .object(let members) = root else { return root }
        let services = try TwoFASVault.open(text, passphrase: passphrase)
        let others = members.filter { $0.name != "services" }
        return .object(others + [JSON.Member(name: "services", value: try services.withBytes(JSONParser.parse))])
    }

    func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        let sealed = try TwoFASVault.seal(plaintext, with: passphrase, options: options)
        let json = JSONOutput()
        json.object {
            json.array("services")
            json.array("groups")
            json.number("updatedAt", Self.milliseconds(options))
            json.number("schemaVersion", Self.schema)
            json.secret("servicesEncrypted", Secret(sealed.services)) { $1.append(contentsOf: $0) }
            json.secret("reference", Secret(sealed.reference)) { $1.append(contentsOf: $0) }
        }
        output.append(contentsOf: json.buffer)
        output.append(UInt8(ascii: "\n"))
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let otp = entry["otp"], otp.isObject else { throw FormatError(.missing, .empty, field: .type) }
        // Schema 1 knew TOTP only.
        let isCounted = if otp["tokenType"] == nil { false } else { try otp.isCounted("tokenType") }
        let columns = OATHColumns(
            isCounted: isCounted, secret: try entry.secret("secret", Base32.decode),
            algorithm: try otp.algorithm("algorithm"), digits: try otp.number("digits", .digits),
            moving: isCounted ? try otp.requiredCounter("counter") : try otp.number("period", .period))
        let service = try entry.text("name", .issuer)
        let label = try otp.text("label", .account)
        let account = try otp.text("account", .account) ?? label
        let otherName = account == nil || account == service ? nil : service
        let issuer = try otp.text("issuer", .issuer) ?? otherName
        return TokenRecord(
            credential: try columns.credential(Label(issuer: issuer, account: account ?? service ?? "")))
    }

    func head(_ options: EncodingOptions) -> String { options.passphrase == nil ? #"{"services":["# : "[" }

    func tail(_ options: EncodingOptions) -> String {
        if options.passphrase != nil { return "]" }
        return #"],"groups":[],"updatedAt":\#(Self.milliseconds(options)),"schemaVersion":\#(Self.schema)}"#
    }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        let label = credential.label
        json.text("name", label.issuer ?? label.account)
        json.base32("secret", credential.secret)
        json.number("updatedAt", Self.milliseconds(options))
        json.object("otp") {
            if let issuer = label.issuer { json.text("issuer", issuer) }
            json.text("label", label.account)
            json.text("account", label.account)
            json.text("algorithm", credential.algorithm.rawValue)
            json.number("digits", credential.digits)
            json.text("source", "Manual")
            json.number(credential.isCounted ? "counter" : "period", credential.moving)
            json.text("tokenType", credential.isCounted ? "HOTP" : "TOTP")
        }
        json.object("order") { json.number("position", number) }
    }

    private static func milliseconds(_ options: EncodingOptions) -> Int {
        options.unixTime.multipliedReportingOverflow(by: 1000).partialValue
    }
}

extension FormatError.Field {
    public static let schema: Self = "schema version"
}
