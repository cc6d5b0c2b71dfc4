public import ByteBuffers

/// A text or file form in which credentials travel to and from servers and apps.
///
/// A file is written as start, record, separator, record, …, end, one record at a time, so that a batch of any size
/// takes the memory of one record.
public protocol SecretFormat: Sendable {
    /// The name on the command line: lower case, no spaces.
    var name: String { get }
    /// One line for a list of formats.
    var summary: String { get }

    /// Whether a file that begins with `start` (its first few hundred bytes, or all) looks like this format.
    func recognizes(_ start: RawSpan) -> Bool

    /// All records of `input`.
    func decode(_ input: RawSpan) throws(FormatError) -> [TokenRecord]

    /// The records of `input`, where `label` names the credential of a format that has no place for a name.
    ///
    /// A format with names of its own ignores `label`.
    func decode(_ input: RawSpan, label: Label?) throws(FormatError) -> [TokenRecord]

    func encodeStart(into output: WipedBuffer) throws(FormatError)
    func encodeSeparator(into output: WipedBuffer) throws(FormatError)
    func encode(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError)
    func encodeEnd(into output: WipedBuffer) throws(FormatError)
}

extension SecretFormat {
    public func decode(_ input: RawSpan, label: Label?) throws(FormatError) -> [TokenRecord] { try decode(input) }

    public func encodeStart(into output: WipedBuffer) throws(FormatError) {}
    public func encodeSeparator(into output: WipedBuffer) throws(FormatError) {}
    public func encodeEnd(into output: WipedBuffer) throws(FormatError) {}

    /// A whole file with `records`.
    public func encode(_ records: some Sequence<TokenRecord>, into output: WipedBuffer) throws(FormatError) {
        try encodeStart(into: output)
        var isFirst = true
        for record in records {
            if !isFirst { try encodeSeparator(into: output) }
            try encode(record, into: output)
            isFirst = false
        }
        try encodeEnd(into: output)
    }
}
