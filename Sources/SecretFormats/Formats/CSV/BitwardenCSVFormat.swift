internal import ByteBuffers

/// Bitwarden's export as CSV.
///
/// ```
/// folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp
/// ,,login,TITLE,,,0,,USER,,URI OR BASE32
/// ```
///
/// Columns are found by their names, since older exports lack some. Fields may stand in quotation marks, and notes in them
/// have several lines. Written are no quotes, so a name with a comma is refused; JSON carries it.
struct BitwardenCSVFormat: SecretFormat {
    let name = "bitwarden-csv"
    let summary = "Bitwarden's export as CSV"
    let limits = FormatLimits(readBy: "Bitwarden", kinds: [.totp], carried: [.issuer, .account])

    fileprivate static let header: StaticString =
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp"
    private static let headerStart: StaticString = "folder,favorite,type,name,"
    fileprivate static let separator = UInt8(ascii: ",")

    func recognizes(_ start: RawSpan) -> Bool {
        start.extracting(LineReader.firstText(of: start)).starts(withASCII: Self.headerStart)
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        BitwardenCSVDecoder(QuotedRows(source, separator: Self.separator))
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { BitwardenCSVEncoder() }
}

private final class BitwardenCSVDecoder: RecordDecoding {
    private struct Columns {
        var name = -1
        var notes = -1
        var user = -1
        var password = -1
        var totp = -1
    }

    private let rows: QuotedRows
    private var columns: Columns?
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ rows: QuotedRows) { self.rows = rows }

    func next() throws(FormatError) -> TokenRecord? {
        while let row = try rows.next() {
            do throws(FormatError) {
                guard let columns else {
                    columns = try Self.columns(row)
                    continue
                }
                if let record = try record(row, columns) { return record }
            } catch {
                throw error.on(line: rows.line)
            }
        }
        if columns == nil { throw FormatError(.missing, .noHeader) }
        return nil
    }

    private static func columns(_ row: CSVRow) throws(FormatError) -> Columns {
        var columns = Columns()
        for index in 0..<row.count {
            if row.equals(index, "name") { columns.name = index }
            if row.equals(index, "notes") { columns.notes = index }
            if row.equals(index, "login_username") { columns.user = index }
            if row.equals(index, "login_password") { columns.password = index }
            if row.equals(index, "login_totp") { columns.totp = index }
        }
        guard columns.totp >= 0, columns.name >= 0 else { throw FormatError(.missing, .noHeader) }
        return columns
    }

    private func record(_ row: CSVRow, _ columns: Columns) throws(FormatError) -> TokenRecord? {
        if !row.equals(columns.notes, ""), columns.notes >= 0 { leftOut.insert(.note) }
        if !row.equals(columns.password, ""), columns.password >= 0 { leftOut.insert(.password) }
        let title = try row.text(columns.name, .issuer)
        let user = try row.text(columns.user, .account)
        return try row.withField(columns.totp) { (text: RawSpan) throws(FormatError) -> TokenRecord? in
            guard !text.isEmpty else {
                leftOut.insert(.otherEntries)
                return nil
            }
            leftOut.formUnion(LoginTOTP.leftOut(of: text))
            return try LoginTOTP.record(text, title: title, user: user)
        }
    }
}

private final class BitwardenCSVEncoder: RecordEncoding {
    func start(into output: WipedBuffer) {
        output.append(BitwardenCSVFormat.header)
        output.append(UInt8(ascii: "\n"))
    }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        var row = CSVWriter(separator: BitwardenCSVFormat.separator)
        row.literal("")
        row.literal("")
        row.literal("login")
        try row.text(
            credential.label.issuer ?? credential.label.account, credential.label.issuer == nil ? .account : .issuer)
        row.literal("")
        row.literal("")
        row.literal("0")
        row.literal("")
        try row.text(credential.label.account, .account)
        row.literal("")
        row.raw { OTPAuthURI.encode(credential, explicit: false, into: $0) }
        row.finish(into: output)
    }
}
