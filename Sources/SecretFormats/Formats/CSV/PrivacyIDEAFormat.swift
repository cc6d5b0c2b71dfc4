internal import ByteBuffers

/// The OATH CSV of privacyIDEA 3.14 and eduMFA 2.9.5 (`type=oathcsv`).
///
/// ```
/// serial,key,hotp,digits,counter
/// serial,key,totp,digits,period
/// serial,key                        hotp, 6 digits, counter 0
/// # comment
/// ```
///
/// With the first line `# version: 2`, three columns come before: `user,resolver,realm,`.
///
/// The key is hexadecimal, and its length alone says the hash. No quotes, no byte order mark, no header: each of them
/// makes the server fail, or worse, store a key that never works.
struct PrivacyIDEAFormat: RowFormat {
    let name = "privacyidea"
    let summary = "OATH CSV of privacyIDEA and eduMFA"
    let judges = ["privacyIDEA", "eduMFA", "django-otp"]
    let limits = FormatLimits(readBy: "privacyIDEA", hashFollowsLength: true, required: [.serial])

    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") && !PrivacyIDEAUsersFormat.isVersion(line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try Self.record(from: row, column: 0, owner: nil)
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        try Self.write(record, to: &row)
    }

    static func record(from row: CSVRow, column: Int, owner: String?) throws(FormatError) -> TokenRecord {
        guard row.count == column + 2 || row.count == column + 5 else { throw FormatError(.malformed, .columnCount) }
        let serial = try row.text(column, .serial)
        guard let serial else { throw FormatError(.missing, .empty, field: .serial) }
        let secret = try row.secret(column + 1, Hex.decode)
        guard let algorithm = FormatLimits.algorithm(ofLength: secret.count) else {
            throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
        }
        var columns = OATHColumns(isCounted: true, secret: secret, algorithm: algorithm)
        if row.count > column + 2 {
            guard let isCounted = try row.isCounted(column + 2), let digits = try row.number(column + 3, .digits),
                let moving = try row.number(column + 4, isCounted ? .counter : .period)
            else { throw FormatError(.missing, .emptyColumn) }
            columns.isCounted = isCounted
            columns.digits = digits
            columns.moving = moving
        }
        let credential = try columns.credential(Label(owner: owner, serial: serial))
        return TokenRecord(serial: serial, owner: owner, credential: credential)
    }

    static func write(_ record: TokenRecord, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.serial(record)
        row.secret(credential.secret, Hex.encode)
        row.literal(credential.isCounted ? "hotp" : "totp")
        row.number(credential.digits)
        row.number(credential.moving)
    }
}

/// Version 2 of the OATH CSV, which assigns the tokens; see `PrivacyIDEAFormat`.
///
/// A user that the server does not find leaves the token unassigned, without an error.
struct PrivacyIDEAUsersFormat: RowFormat {
    let name = "privacyidea-users"
    let summary = "OATH CSV of privacyIDEA and eduMFA, version 2, with users"
    let judges = ["privacyIDEA", "eduMFA"]
    let limits = FormatLimits(
        readBy: "privacyIDEA", hashFollowsLength: true, carried: [.owner, .resolver, .realm], required: [.serial])

    static let header: StaticString? = "# version: 2"

    func isHeader(_ line: RawSpan) -> Bool { Self.isVersion(line) }
    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") && !Self.isVersion(line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        var record = try PrivacyIDEAFormat.record(from: row, column: 3, owner: try row.text(0, .owner))
        record.resolver = try row.text(1, .resolver)
        record.realm = try row.text(2, .realm)
        return record
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        try row.text(record.login, .owner)
        try row.text(record.resolver, .resolver)
        try row.text(record.realm, .realm)
        try PrivacyIDEAFormat.write(record, to: &row)
    }

    /// `^#\s*version:\s*2`, as the servers match it.
    static func isVersion(_ line: RawSpan) -> Bool {
        guard line.starts(withASCII: "#") else { return false }
        let words = line.extracting(droppingFirst: 1)
        let text = words.extracting(words.trimmedRange(where: ASCII.isBlank))
        guard text.starts(withASCII: key) else { return false }
        let value = text.extracting(droppingFirst: key.utf8CodeUnitCount)
        return value.extracting(value.trimmedRange(where: ASCII.isBlank)).equals(ascii: "2")
    }

    private static let key: StaticString = "version:"
}

extension FormatError.Reason {
    public static let emptyColumn: Self = "an empty column that must not be"
}
