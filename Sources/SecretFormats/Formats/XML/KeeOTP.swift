internal import ByteBuffers

/// What the plugin KeeOtp wrote, and KeePassXC still reads: `key=BASE32&size=6&step=30[&otpHashMode=SHA256]`, in any
/// order behind the key.
enum KeeOTP {
    static let start: StaticString = "key="

    static func columns(_ text: RawSpan) throws(FormatError) -> OATHColumns {
        let fields = try CSVRow(
            parsing: text.extracting(text.trimmedRange(where: ASCII.isWhitespace)), separator: UInt8(ascii: "&"),
            takesQuotes: false)
        var columns = OATHColumns(isCounted: false, secret: try fields.secret(0, key))
        for index in 1..<fields.count {
            try fields.withField(index) { (field: RawSpan) throws(FormatError) in try read(field, into: &columns) }
        }
        return columns
    }

    /// The padding is percent-encoded.
    private static func key(_ field: RawSpan) throws(FormatError) -> Secret {
        try PercentEncoding.decode(
            field.extracting(droppingFirst: min(start.utf8CodeUnitCount, field.byteCount)), plusIsSpace: false
        ).withBytes(Base32.decode)
    }

    private static func read(_ field: RawSpan, into columns: inout OATHColumns) throws(FormatError) {
        let nameEnd = field.firstOffset(of: UInt8(ascii: "=")) ?? field.byteCount
        let name = field.extracting(first: nameEnd)
        let value = field.extracting(droppingFirst: min(nameEnd + 1, field.byteCount))
        if name.equals(ascii: "size") {
            columns.digits = try number(value, .digits)
        } else if name.equals(ascii: "step") {
            columns.moving = try number(value, .period)
        } else if name.equals(ascii: "otpHashMode") {
            guard let hash = HashAlgorithm.allCases.first(where: { value.equals(ascii: $0.openSSLName) }) else {
                throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
            }
            columns.algorithm = hash
        } else if name.equals(ascii: "type"), !value.equals(ascii: "Totp") {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
    }

    private static func number(_ text: RawSpan, _ field: FormatError.Field) throws(FormatError) -> UInt64 {
        do throws(FormatError) { return try text.decimalNumber() } catch { throw error.about(field) }
    }
}
