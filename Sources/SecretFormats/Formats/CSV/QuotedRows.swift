internal import ByteBuffers

/// Rows of a CSV file whose fields in quotation marks may hold line ends (RFC 4180 section 2.6).
///
/// Blank lines within such a field, and blanks around its lines, are left out: nothing that is read has any.
package final class QuotedRows {
    private let lines: LineReader
    private let separator: UInt8
    /// Of the latest row's last line.
    package var line: Int { lines.number }
    /// Of the latest row's first line.
    package private(set) var firstLine = 0
    /// Bytes in memory between two rows.
    package var heldByteCount: Int { lines.heldByteCount }

    package init(_ source: any ByteSource, separator: UInt8) {
        lines = LineReader(source, keepsTabs: separator == UInt8(ascii: "\t"))
        self.separator = separator
    }

    package func next() throws(FormatError) -> CSVRow? {
        let row = WipedBuffer()
        var quotes = 0
        while true {
            let found: Void? = try lines.next { (line: RawSpan) throws(FormatError) in
                guard row.count + line.byteCount <= LineReader.longestLine else {
                    throw FormatError(.unsupported, .lineTooLong)
                }
                if row.isEmpty { firstLine = lines.number } else { row.append(UInt8(ascii: "\n")) }
                row.append(contentsOf: line)
                quotes += (0..<line.byteCount).count { line[byte: $0] == UInt8(ascii: "\"") }
            }
            if found == nil {
                if row.isEmpty { return nil }
                throw FormatError(.malformed, .openQuote, line: firstLine)
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
