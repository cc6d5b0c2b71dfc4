internal import ByteBuffers

/// One row of a CSV file (RFC 4180), taken apart over bytes: a field may be a secret.
///
/// Spaces and tabs around a field are left out, but for a tab that is the separator.
package struct CSVRow {
    private let bytes: WipedBuffer
    private let fields: [Range<Int>]

    package var count: Int { fields.count }

    /// - Parameter takesQuotes: whether fields may stand in quotes, as in RFC 4180; in other files a quote is an error,
    ///   because the servers that read them take it for a part of the field.
    init(parsing line: RawSpan, separator: UInt8, takesQuotes: Bool) throws(FormatError) {
        let bytes = WipedBuffer(capacity: line.byteCount)
        var fields: [Range<Int>] = []
        var offset = 0
        let isBlank = { (byte: UInt8) in ASCII.isBlank(byte) && byte != separator }
        while true {
            while offset < line.byteCount, isBlank(line[byte: offset]) { offset += 1 }
            let start = bytes.count
            if offset < line.byteCount, line[byte: offset] == Self.quote {
                guard takesQuotes else {
                    throw FormatError(.malformed, .quotedField, position: line.characterPosition(at: offset))
                }
                offset = try Self.unquote(line, from: offset, isBlank, into: bytes)
            } else {
                let rest = line.extracting(droppingFirst: offset)
                let end = rest.firstOffset(of: separator) ?? rest.byteCount
                let field = rest.extracting(first: end)
                let content = field.extracting(field.trimmedRange(where: isBlank))
                if let quote = content.firstOffset(of: Self.quote) {
                    throw FormatError(.malformed, .quotedField, position: line.characterPosition(at: offset + quote))
                }
                bytes.append(contentsOf: content)
                offset += end
            }
            fields.append(start..<bytes.count)
            guard offset < line.byteCount else { break }
            guard line[byte: offset] == separator else {
                throw FormatError(.malformed, .afterQuote, position: line.characterPosition(at: offset))
            }
            offset += 1
        }
        self.bytes = bytes
        self.fields = fields
    }

    /// The words of a line, with any number of blanks between.
    init(words line: RawSpan) {
        let bytes = WipedBuffer(capacity: line.byteCount)
        bytes.append(contentsOf: line)
        var words: [Range<Int>] = []
        var start: Int?
        for offset in 0..<line.byteCount {
            if ASCII.isBlank(line[byte: offset]) {
                if let start { words.append(start..<offset) }
                start = nil
            } else if start == nil {
                start = offset
            }
        }
        if let start { words.append(start..<line.byteCount) }
        self.bytes = bytes
        fields = words
    }

    /// Appends the field in quotes at `start`, without the quotes.
    ///
    /// - Returns: where the row goes on, behind blanks.
    private static func unquote(
        _ line: RawSpan, from start: Int, _ isBlank: (UInt8) -> Bool, into bytes: WipedBuffer
    ) throws(FormatError) -> Int {
        var offset = start + 1
        while offset < line.byteCount {
            let byte = line[byte: offset]
            offset += 1
            if byte == quote {
                // Two of them stand for one.
                guard offset < line.byteCount, line[byte: offset] == quote else {
                    while offset < line.byteCount, isBlank(line[byte: offset]) { offset += 1 }
                    return offset
                }
                offset += 1
            }
            bytes.append(byte)
        }
        throw FormatError(.malformed, .openQuote, position: line.characterPosition(at: start))
    }

    /// Calls `body` with a field, an empty one where the row is shorter.
    package func withField<Result>(
        _ index: Int, _ body: (RawSpan) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        let range = fields.indices.contains(index) ? fields[index] : 0..<0
        return try bytes.withBytes { (bytes: RawSpan) throws(FormatError) in try body(bytes.extracting(range)) }
    }

    /// A field that is no secret; nil when it is empty.
    package func text(_ index: Int, _ field: FormatError.Field) throws(FormatError) -> String? {
        try withField(index) { (bytes: RawSpan) throws(FormatError) in
            guard let text = bytes.utf8Text() else { throw FormatError(.malformed, .notUTF8, field: field) }
            return text.isEmpty ? nil : text
        }
    }

    /// A decimal number; nil when the field is empty.
    func number(_ index: Int, _ field: FormatError.Field) throws(FormatError) -> UInt64? {
        try withField(index) { (bytes: RawSpan) throws(FormatError) in
            guard !bytes.isEmpty else { return nil }
            do throws(FormatError) { return try bytes.decimalNumber() } catch { throw error.about(field) }
        }
    }

    func secret(
        _ index: Int, _ decode: (RawSpan) throws(FormatError) -> Secret, _ field: FormatError.Field = .secret
    ) throws(FormatError) -> Secret {
        try withField(index) { (bytes: RawSpan) throws(FormatError) in
            guard !bytes.isEmpty else { throw FormatError(.missing, .empty, field: field) }
            do throws(FormatError) { return try decode(bytes) } catch { throw error.about(field) }
        }
    }

    /// Whether a field is `text`, in capital or small letters.
    package func equals(_ index: Int, _ text: StaticString) -> Bool {
        guard fields.indices.contains(index) else { return false }
        return bytes.withBytes { bytes in bytes.extracting(fields[index]).equals(ascii: text) }
    }

    func require(columns: ClosedRange<Int>) throws(FormatError) {
        guard columns.contains(count) else { throw FormatError(.malformed, .columnCount) }
    }

    private static let quote = UInt8(ascii: "\"")
}

extension ASCII {
    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

extension FormatError.Reason {
    public static let quotedField: Self = "a quotation mark where the format has none"
    public static let openQuote: Self = "a quotation mark without its second"
    public static let afterQuote: Self = "text between a quotation mark and the separator"
    public static let columnCount: Self = "a number of columns that the format does not have"
}
