internal import ByteBuffers

/// Microsoft Entra ID's CSV for OATH hardware tokens, which HelloID takes as well.
///
/// ```
/// upn,serial number,secret key,time interval,manufacturer,model
/// Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey
/// ```
///
/// The key is base32 without padding, 128 characters at most. There is no column for digits or the hash: six, SHA1.
struct EntraFormat: RowFormat {
    let name: String
    let summary: String
    let family = "entra"
    let limits: FormatLimits

    static let entra = EntraFormat(
        name: "entra", summary: "hardware tokens of Microsoft Entra ID", "Microsoft Entra ID")
    /// User names are compared with capital and small letters there.
    static let helloID = EntraFormat(name: "helloid", summary: "hardware tokens of HelloID", "HelloID")

    private init(name: String, summary: String, _ reader: StaticString) {
        self.name = name
        self.summary = summary
        limits = FormatLimits(
            readBy: reader, kinds: [.totp], algorithms: [.sha1], digits: [6], periods: .oneOf([30, 60]),
            secretLengths: 1...80, required: [.owner, .serial, .manufacturer, .model])
    }

    static let header: StaticString? = "upn,serial number,secret key,time interval,manufacturer,model"

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 6...6)
        let owner = try row.text(0, .owner)
        let serial = try row.text(1, .serial)
        var columns = OATHColumns(isCounted: false, secret: try row.secret(2, Base32.decode))
        guard let period = try row.number(3, .period) else { throw FormatError(.missing, .empty, field: .period) }
        columns.moving = period
        return TokenRecord(
            serial: serial, manufacturer: try row.text(4, .manufacturer), model: try row.text(5, .model), owner: owner,
            content: .oath(try columns.credential(Label(owner: owner, serial: serial))))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.text(record.login, .owner)
        try row.serial(record)
        row.secret(credential.secret) { bytes, output in Base32.encode(bytes, into: output) }
        row.number(credential.moving)
        try row.text(record.manufacturer, .manufacturer)
        try row.text(record.model, .model)
    }
}
