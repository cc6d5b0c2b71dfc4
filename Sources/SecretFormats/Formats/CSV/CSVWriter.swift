internal import ByteBuffers

/// One row on its way out, which reaches the file whole or not at all.
///
/// Nothing is put in quotes, since most servers take a quotation mark for a part of the field. So a field with a
/// character that would need them is refused, and one that a spreadsheet would take for a formula: these files are
/// opened in spreadsheets whatever the manual says.
struct CSVWriter {
    private let row = WipedBuffer()
    private let separator: UInt8
    private var isFirst = true

    init(separator: UInt8) { self.separator = separator }

    mutating func text(_ text: String?, _ field: FormatError.Field) throws(FormatError) {
        try Self.check(text ?? "", separator: separator, field: field)
        begin()
        row.append(contentsOf: (text ?? "").utf8)
    }

    /// A serial number: letters, digits, `-` and `_`, which is what all servers take.
    mutating func serial(_ record: TokenRecord) throws(FormatError) {
        let serial = record.serial ?? ""
        for (index, scalar) in serial.unicodeScalars.enumerated() where !Self.isSerialCharacter(scalar) {
            throw FormatError(
                .unsupported, .serialCharacter, field: .serial, position: index + 1,
                character: scalar.isPrintable ? scalar : nil)
        }
        try text(serial, .serial)
    }

    mutating func secret(_ secret: Secret, _ encode: (RawSpan, WipedBuffer) -> Void) {
        begin()
        secret.withBytes { bytes in encode(bytes, row) }
    }

    /// A name in a file whose fields are parted by blanks, so that it may hold none.
    mutating func word(_ text: String?, _ field: FormatError.Field) throws(FormatError) {
        for (index, scalar) in (text ?? "").unicodeScalars.enumerated() where scalar.properties.isWhitespace {
            throw FormatError(.unsupported, .csvCharacter, field: field, position: index + 1)
        }
        try self.text(text, field)
    }

    /// A serial number of digits only.
    mutating func decimalSerial(_ record: TokenRecord) throws(FormatError) {
        let isDecimal = record.serial?.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ?? true
        guard isDecimal else { throw FormatError(.unsupported, .notANumber, field: .serial) }
        try text(record.serial, .serial)
    }

    mutating func number(_ number: some BinaryInteger) {
        begin()
        row.append(contentsOf: String(number).utf8)
    }

    mutating func literal(_ text: StaticString) {
        begin()
        row.append(text)
    }

    /// A field that `fill` puts together; what it writes has been checked.
    mutating func raw(_ fill: (WipedBuffer) -> Void) {
        begin()
        fill(row)
    }

    func finish(into output: WipedBuffer) {
        output.append(contentsOf: row)
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func begin() {
        if !isFirst { row.append(separator) }
        isFirst = false
    }

    private static func isSerialCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
        default: false
        }
    }

    static func check(_ text: String, separator: UInt8, field: FormatError.Field) throws(FormatError) {
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let isWrong =
                scalar == "\"" || scalar == Unicode.Scalar(separator) || scalar.isControl
                || index == 0 && formulaStarts.contains(scalar)
            guard !isWrong else {
                throw FormatError(
                    .unsupported, .csvCharacter, field: field, position: index + 1,
                    character: scalar.isPrintable ? scalar : nil)
            }
        }
        guard text.first != " ", text.last != " " else { throw FormatError(.unsupported, .outerSpace, field: field) }
    }

    /// Of formulas (OWASP, "CSV Injection") and of comments.
    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "#"]
}

extension FormatError.Reason {
    public static let csvCharacter: Self = "a character with a meaning of its own in such a file or in a spreadsheet"
    public static let serialCharacter: Self = "not a letter from A to Z, a digit, a dash or an underscore"
}
