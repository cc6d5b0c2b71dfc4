internal import ByteBuffers

/// The body of Microsoft Graph's `PATCH /directory/authenticationMethodDevices/hardwareOathDevices` (beta), which
/// creates many hardware tokens at once.
///
/// ```
/// {"@context":"#$delta","value":[{"@contentId":"1","serialNumber":…,"manufacturer":…,"model":…,
///   "secretKey":BASE32,"timeIntervalInSeconds":30,"hashFunction":"hmacsha1"}]}
/// ```
///
/// Unlike the CSV, it has the hash. Tokens are assigned by the object identity of a user, which no record holds, so they
/// come in unassigned.
struct EntraGraphFormat: JSONFormat {
    let name = "entra-graph"
    let summary = "hardware tokens of Microsoft Entra ID, for the Graph API"
    let limits = FormatLimits(
        readBy: "Microsoft Entra ID", kinds: [.totp], algorithms: [.sha1, .sha256], digits: [6],
        periods: .oneOf([30, 60]), secretLengths: 1...80, required: [.serial, .manufacturer, .model])

    static let members: [StaticString] = ["serialNumber", "secretKey", "timeIntervalInSeconds"]
    private static let hashes: [String: HashAlgorithm] = ["hmacsha1": .sha1, "hmacsha256": .sha256]

    func entries(in root: JSON) throws(FormatError) -> [JSON] { try root.elements("value") }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let serial = try entry.text("serialNumber", .serial)
        guard let algorithm = Self.hashes[try entry.text("hashFunction", .algorithm) ?? "hmacsha1"] else {
            throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
        }
        guard let period = try entry.number("timeIntervalInSeconds", .period) else {
            throw FormatError(.missing, .empty, field: .period)
        }
        let columns = OATHColumns(
            isCounted: false, secret: try entry.secret("secretKey", Base32.decode), algorithm: algorithm,
            moving: period)
        return TokenRecord(
            serial: serial, manufacturer: try entry.text("manufacturer", .manufacturer),
            model: try entry.text("model", .model),
            content: .oath(try columns.credential(Label(owner: nil, serial: serial))))
    }

    func head(_ options: EncodingOptions) -> String { ##"{"@context":"#$delta","value":["## }
    func tail(_ options: EncodingOptions) -> String { "]}" }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        json.text("@contentId", String(number + 1))
        json.text("serialNumber", record.serial)
        json.text("manufacturer", record.manufacturer)
        json.text("model", record.model)
        json.base32("secretKey", credential.secret)
        json.number("timeIntervalInSeconds", credential.moving)
        json.text("hashFunction", credential.algorithm == .sha1 ? "hmacsha1" : "hmacsha256")
    }
}
