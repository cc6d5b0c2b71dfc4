internal import ByteBuffers

/// Users of FreeRADIUS's `rlm_totp` (3.2), as its `files` module reads them.
///
/// ```
/// alice  TOTP-Secret := "GEZDGNBVGY3TQOJQ"      base32, in capital letters
/// alice  TOTP-Key := 0x3132333435363738         hexadecimal, read only
/// ```
///
/// The module makes codes of six digits with SHA1 every 30 seconds and no others.
struct FreeRADIUSFormat: RowFormat {
    let name = "freeradius"
    let summary = "users of FreeRADIUS's rlm_totp"
    let judges = ["FreeRADIUS"]
    let limits = FormatLimits(
        readBy: "FreeRADIUS", kinds: [.totp], algorithms: [.sha1], digits: [6], periods: .oneOf([30]),
        required: [.owner])

    static let separator = UInt8(ascii: "\t")
    private static let hexPrefix: StaticString = "0x"

    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") }
    func row(of line: RawSpan) -> CSVRow { CSVRow(words: line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        guard row.count == 4, row.equals(2, ":=") else { throw FormatError(.malformed, .columnCount) }
        let isText = row.equals(1, "TOTP-Secret")
        guard isText || row.equals(1, "TOTP-Key") else { throw FormatError(.unsupported, .otherAttribute) }
        let owner = try row.text(0, .owner)
        let secret = try row.secret(3) { (value: RawSpan) throws(FormatError) in
            if isText { return try Base32.decode(value.extracting(Self.unquoted(value))) }
            guard value.starts(withASCII: Self.hexPrefix) else { throw FormatError(.malformed, .outsideAlphabet) }
            return try Hex.decode(value.extracting(droppingFirst: Self.hexPrefix.utf8CodeUnitCount))
        }
        let columns = OATHColumns(isCounted: false, secret: secret)
        return TokenRecord(owner: owner, credential: try columns.credential(Label(owner: owner, serial: nil)))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try Self.check(record.login ?? "")
        try row.word(record.login, .owner)
        row.raw { output in
            output.append("TOTP-Secret := \"")
            credential.secret.withBytes { Base32.encode($0, into: output) }
            output.append("\"")
        }
    }

    private static func unquoted(_ value: RawSpan) -> Range<Int> {
        let quote = UInt8(ascii: "\"")
        guard value.byteCount >= 2, value.first == quote, value[byte: value.byteCount - 1] == quote else {
            return 0..<value.byteCount
        }
        return 1..<value.byteCount - 1
    }

    /// A name with other characters would need quotes, and `DEFAULT` is everybody.
    private static func check(_ name: String) throws(FormatError) {
        for (index, scalar) in name.unicodeScalars.enumerated() {
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                || "._@-".unicodeScalars.contains(scalar)
            guard isPlain else {
                throw FormatError(
                    .unsupported, .userCharacter, field: .owner, position: index + 1,
                    character: scalar.isPrintable ? scalar : nil)
            }
        }
        guard name.uppercased() != "DEFAULT" else { throw FormatError(.unsupported, .everybody, field: .owner) }
    }
}

extension FormatError.Reason {
    public static let otherAttribute: Self = "an attribute other than TOTP-Secret and TOTP-Key"
    public static let userCharacter: Self = "not a letter from A to Z, a digit, a point, an underscore, @ or a dash"
    public static let everybody: Self = "a name that means everybody there"
}
