internal import ByteBuffers

/// Rows of a CSV file whose fields in quotation marks may hold line ends (RFC 4180 section 2.6).
///
/// Blank lines within such a field, and blanks around its lines, are left out: nothing that is read has any.
final class QuotedRows {
    private let lines: LineReader
    private let separator: UInt8
    /// Of the latest row's last line.
    var line: Int { lines.number }

    init(_ source: any ByteSource, separator: UInt8) {
        lines = LineReader(source)
        self.separator = separator
    }

    func next() throws(FormatError) -> CSVRow? {
        let row = WipedBuffer()
        var quotes = 0
        let start = lines.number + 1
        while true {
            let found: Void? = try lines.next { (line: RawSpan) throws(FormatError) in
                guard row.count + line.byteCount <= LineReader.longestLine else {
                    throw FormatError(.unsupported, .lineTooLong)
                }
                if !row.isEmpty { row.append(UInt8(ascii: "\n")) }
                row.append(contentsOf: line)
                quotes += (0..<line.byteCount).count { line[byte: $0] == UInt8(ascii: "\"") }
            }
            if found == nil {
                if row.isEmpty { return nil }
                throw FormatError(.malformed, .openQuote, line: start)
            }
            if quotes.isMultiple(of: 2) { break }
        }
        do throws(FormatError) {
            return try row.withBytes { (bytes: RawSpan) throws(FormatError) in
                try CSVRow(parsing: bytes, separator: separator, takesQuotes: true)
            }
        } catch {
            throw error.on(line: lines.number)
        }
    }
}
