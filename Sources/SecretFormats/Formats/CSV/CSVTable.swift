internal import ByteBuffers

/// A table without secrets, for other targets: rows of text (RFC 4180), separated by commas, or by semicolons where the
/// first row has no comma, as spreadsheets of half of Europe write them.
public final class CSVTable {
    private let rows: QuotedRows
    private let separator: UInt8

    /// - Parameter bytes: all of the file.
    public init(_ bytes: RawSpan) {
        let start = bytes.extracting(first: bytes.firstOffset(of: UInt8(ascii: "\n")) ?? bytes.byteCount)
        let isComma = start.firstOffset(of: UInt8(ascii: ",")) != nil
        separator = isComma ? UInt8(ascii: ",") : UInt8(ascii: ";")
        rows = QuotedRows(BufferSource(copying: bytes), separator: separator)
    }

    /// Of the latest row's last line, from 1.
    public var line: Int { rows.line }

    /// - Returns: the cells of the next row, without blanks around them; nil at the end.
    public func next() throws(FormatError) -> [String]? {
        guard let row = try rows.next() else { return nil }
        var cells: [String] = []
        for index in 0..<row.count {
            do throws(FormatError) {
                cells.append(try row.text(index, "cell") ?? "")
            } catch {
                throw error.on(line: rows.line)
            }
        }
        return cells
    }
}
