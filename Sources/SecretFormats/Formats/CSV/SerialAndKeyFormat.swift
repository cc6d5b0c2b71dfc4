internal import ByteBuffers

/// The files of consoles that ask for the settings beside the file: `serial,key[,counter]`, the key in hexadecimal.
///
/// ```
/// Duo, "Hardware tokens"        serial,key                  type and digits are chosen: h6, h8, t6, t8 in Duo's API
/// PingID, "OATH tokens"         serial,key[,counter]        the type is chosen
/// ```
///
/// A file holds one type, so there is a format for each.
struct SerialAndKeyFormat: RowFormat {
    let name: String
    let summary: String
    let limits: FormatLimits
    private let isCounted: Bool
    private let digits: Int
    private let hasCounter: Bool

    static let duo = [true, false].flatMap { isCounted in
        [6, 8].map { digits in
            SerialAndKeyFormat(
                name: "duo-\(isCounted ? "h" : "t")\(digits)",
                summary: "Duo hardware tokens, \(isCounted ? "HOTP" : "TOTP") with \(digits) digits", "Duo",
                isCounted: isCounted, digits: digits, hasCounter: false)
        }
    }
    static let pingID = [true, false].map { isCounted in
        SerialAndKeyFormat(
            name: isCounted ? "pingid-hotp" : "pingid-totp",
            summary: "PingID OATH tokens, \(isCounted ? "HOTP" : "TOTP")", "PingID", isCounted: isCounted,
            digits: Credential.defaultDigits, hasCounter: isCounted)
    }

    private init(
        name: String, summary: String, _ reader: StaticString, isCounted: Bool, digits: Int, hasCounter: Bool
    ) {
        self.name = name
        self.summary = summary
        self.isCounted = isCounted
        self.digits = digits
        self.hasCounter = hasCounter
        limits = FormatLimits(
            readBy: reader, kinds: [isCounted ? .hotp : .totp], algorithms: [.sha1], digits: [digits],
            periods: .oneOf([Credential.defaultPeriod]), counters: hasCounter ? Credential.counterRange : 0...0,
            required: [.serial])
    }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: hasCounter ? 2...3 : 2...2)
        let serial = try row.text(0, .serial)
        let columns = OATHColumns(
            isCounted: isCounted, secret: try row.secret(1, Hex.decode), digits: UInt64(digits),
            moving: try row.number(2, .counter))
        return TokenRecord(serial: serial, credential: try columns.credential(Label(owner: nil, serial: serial)))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.serial(record)
        row.secret(credential.secret, Hex.encode)
        if hasCounter { row.number(credential.moving) }
    }
}
