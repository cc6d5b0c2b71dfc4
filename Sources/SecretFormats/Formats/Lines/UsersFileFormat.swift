internal import ByteBuffers

/// `users.oath` of the OATH Toolkit's PAM module (libpam-oath 2.6.7).
///
/// ```
/// option        user  password  key  [counter [last code [time]]]      parted by blanks and tabs
/// HOTP/E/6      alice -         HEX  5        the next counter to be accepted, before the first login
/// HOTP/T30/6    alice -         HEX           a step of 30 or 60 seconds
/// # comment
/// ```
///
/// A line with any other option does not exist for the module. The last code and its time are the module's own notes;
/// where they are, the counter is that of the last code, which is not accepted again.
/// A password in front of the code is not carried, so a line with one is refused when read.
struct UsersFileFormat: RowFormat {
    let name = "users-oath"
    let summary = "users.oath of the OATH Toolkit's PAM module"
    let judges = ["libpam-oath"]
    let limits = FormatLimits(
        readBy: "libpam-oath", algorithms: [.sha1], periods: .oneOf([30, 60]), secretLengths: 1...32,
        required: [.owner])

    static let separator = UInt8(ascii: "\t")

    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") }
    func row(of line: RawSpan) -> CSVRow { CSVRow(words: line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 4...7)
        let (isCounted, period, digits) = try option(row)
        guard row.equals(2, "-") || row.equals(2, "+") else {
            throw FormatError(.unsupported, .password, field: .password)
        }
        let owner = try row.text(1, .owner)
        let counter = try row.number(4, .counter)
        let hasLoggedIn = row.count > 5
        // Out of range where it overflows; the credential says so.
        let next = counter.map { hasLoggedIn && $0 < UInt64.max ? $0 + 1 : $0 }
        let columns = OATHColumns(
            isCounted: isCounted, secret: try row.secret(3, Hex.decode), digits: digits,
            moving: isCounted ? next : period)
        return TokenRecord(owner: owner, credential: try columns.credential(Label(owner: owner, serial: nil)))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        row.raw { output in
            switch credential.kind {
            case .hotp: output.append("HOTP/E")
            case .totp(let period): output.append(contentsOf: "HOTP/T\(period)".utf8)
            }
            output.append(contentsOf: "/\(credential.digits)".utf8)
        }
        try row.word(record.login, .owner)
        row.literal("-")
        row.secret(credential.secret, Hex.encode)
        if credential.isCounted, credential.moving > 0 { row.number(credential.moving) }
    }

    /// The spellings that the module knows; small letters are another word to it.
    private func option(
        _ row: CSVRow
    ) throws(FormatError) -> (isCounted: Bool, period: UInt64?, digits: UInt64?) {
        let parts = (try row.text(0, .type) ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "HOTP", parts.count <= 3 else {
            throw FormatError(.unsupported, .userOption, field: .type)
        }
        let digits: UInt64?
        switch parts.count == 3 ? parts[2] : "6" {
        case "6": digits = 6
        case "7": digits = 7
        case "8": digits = 8
        default: throw FormatError(.unsupported, .userOption, field: .digits)
        }
        switch parts.count > 1 ? parts[1] : "E" {
        case "E": return (true, nil, digits)
        case "T30": return (false, 30, digits)
        case "T60": return (false, 60, digits)
        default: throw FormatError(.unsupported, .userOption, field: .type)
        }
    }
}

extension FormatError.Field {
    public static let password: Self = "password"
}

extension FormatError.Reason {
    public static let userOption: Self = "not HOTP/E, HOTP/T30 or HOTP/T60 with 6, 7 or 8 digits"
    public static let password: Self = "a password in front of the code, which no other format carries"
}
