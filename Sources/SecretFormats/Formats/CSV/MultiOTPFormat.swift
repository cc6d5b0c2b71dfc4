internal import ByteBuffers

/// The CSV of multiOTP: `serial;manufacturer;HOTP|TOTP;key;digits;counter or period`, the key in hexadecimal.
///
/// Columns are parted by `;`, `,` or a tab; written is the first, as a name may hold a comma.
struct MultiOTPFormat: RowFormat {
    let name = "multiotp"
    let summary = "token CSV of multiOTP"
    let limits = FormatLimits(readBy: "multiOTP", algorithms: [.sha1], required: [.serial, .manufacturer])

    static let separator = UInt8(ascii: ";")
    private static let separators = [separator, UInt8(ascii: ","), UInt8(ascii: "\t")]

    func row(of line: RawSpan) throws(FormatError) -> CSVRow {
        let separator = Self.separators.first { line.firstOffset(of: $0) != nil } ?? Self.separator
        return try CSVRow(parsing: line, separator: separator, takesQuotes: false)
    }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 6...6)
        let serial = try row.text(0, .serial)
        guard let isCounted = try row.isCounted(2) else { throw FormatError(.missing, .empty, field: .type) }
        let columns = OATHColumns(
            isCounted: isCounted, secret: try row.secret(3, Hex.decode), digits: try row.number(4, .digits),
            moving: try row.number(5, isCounted ? .counter : .period))
        return TokenRecord(
            serial: serial, manufacturer: try row.text(1, .manufacturer),
            content: .oath(try columns.credential(Label(owner: nil, serial: serial))))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.serial(record)
        try row.text(record.manufacturer, .manufacturer)
        row.literal(credential.isCounted ? "HOTP" : "TOTP")
        row.secret(credential.secret, Hex.encode)
        row.number(credential.digits)
        row.number(credential.moving)
    }
}
