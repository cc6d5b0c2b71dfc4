internal import ByteBuffers

/// A format with a record in each line, as columns.
protocol RowFormat: SecretFormat {
    static var separator: UInt8 { get }
    static var takesQuotes: Bool { get }
    /// Written first, and needed at the start of a file that is read.
    static var header: StaticString? { get }

    /// Whether a line is a comment.
    func isComment(_ line: RawSpan) -> Bool
    func isHeader(_ line: RawSpan) -> Bool
    /// The header line without its end.
    func writeHeader(options: EncodingOptions, into output: WipedBuffer)
    func row(of line: RawSpan) throws(FormatError) -> CSVRow
    func record(from row: CSVRow) throws(FormatError) -> TokenRecord
    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError)
}

extension RowFormat {
    static var separator: UInt8 { UInt8(ascii: ",") }
    static var takesQuotes: Bool { false }
    static var header: StaticString? { nil }

    func isComment(_ line: RawSpan) -> Bool { false }
    func isHeader(_ line: RawSpan) -> Bool { Self.header.map { line.equals(ascii: $0) } ?? false }
    func writeHeader(options: EncodingOptions, into output: WipedBuffer) {
        if let header = Self.header { output.append(header) }
    }

    func row(of line: RawSpan) throws(FormatError) -> CSVRow {
        try CSVRow(parsing: line, separator: Self.separator, takesQuotes: Self.takesQuotes)
    }

    /// By the header, and by whether the first record can be read.
    func recognizes(_ start: RawSpan) -> Bool {
        do throws(FormatError) {
            let decoder = RowDecoder(format: self, lines: LineReader(BufferSource(copying: start)))
            return try decoder.next() != nil
        } catch {
            return false
        }
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        RowDecoder(format: self, lines: LineReader(source))
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { RowEncoder(format: self, options: options) }
}

private final class RowDecoder<Format: RowFormat>: RecordDecoding {
    private let format: Format
    private let lines: LineReader
    private var needsHeader: Bool

    init(format: Format, lines: LineReader) {
        self.format = format
        self.lines = lines
        needsHeader = Format.header != nil
    }

    func next() throws(FormatError) -> TokenRecord? {
        while true {
            let found = try lines.next { (line: RawSpan) throws(FormatError) -> TokenRecord? in try record(line) }
            guard let line = found else { break }
            if let record = line { return record }
        }
        if needsHeader { throw FormatError(.missing, .noHeader) }
        return nil
    }

    /// Nil for a line that holds no record.
    private func record(_ line: RawSpan) throws(FormatError) -> TokenRecord? {
        if needsHeader, format.isHeader(line) {
            needsHeader = false
            return nil
        }
        if format.isComment(line) { return nil }
        guard !needsHeader else { throw FormatError(.missing, .noHeader) }
        return try format.record(from: format.row(of: line))
    }
}

private final class RowEncoder<Format: RowFormat>: RecordEncoding {
    private let format: Format
    private let options: EncodingOptions

    init(format: Format, options: EncodingOptions) {
        self.format = format
        self.options = options
    }

    func start(into output: WipedBuffer) {
        guard Format.header != nil else { return }
        format.writeHeader(options: options, into: output)
        output.append(UInt8(ascii: "\n"))
    }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        var row = CSVWriter(separator: Format.separator)
        try format.write(record, options: options, to: &row)
        row.finish(into: output)
    }
}

extension Label {
    /// The label of a record in a file that has no names of accounts: the owner's, or the serial number.
    init(owner: String?, serial: String?) throws(FormatError) {
        guard let account = owner ?? serial else { throw FormatError(.missing, .empty, field: .serial) }
        do throws(FormatError) {
            try self.init(account: account)
        } catch {
            throw FormatError(
                error.code, error.reason, field: owner == nil ? .serial : .owner, position: error.position,
                character: error.character)
        }
    }
}

extension FormatError.Reason {
    public static let noHeader: Self = "no header in the first line"
}
