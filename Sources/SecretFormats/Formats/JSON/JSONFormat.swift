internal import ByteBuffers

/// A format that is one JSON document with a list of accounts.
protocol JSONFormat: SecretFormat {
    /// Names of members that all files have; how a file is recognized.
    static var members: [StaticString] { get }

    /// The list of accounts in a document.
    func entries(in root: JSON) throws(FormatError) -> [JSON]
    func record(from entry: JSON) throws(FormatError) -> TokenRecord
    /// What an account says and a record cannot hold.
    func leftOut(of entry: JSON) -> Set<FormatError.Field>

    /// The document up to its first account, and behind its last.
    func head(_ options: EncodingOptions) -> String
    func tail(_ options: EncodingOptions) -> String
    /// - Parameter number: counts from 0.
    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput)
}

extension JSONFormat {
    func leftOut(of entry: JSON) -> Set<FormatError.Field> { [] }

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[") else { return false }
        return Self.haveMembers(text)
    }

    /// Whether all of `members` are somewhere in the text.
    static func haveMembers(_ text: RawSpan) -> Bool {
        members.allSatisfy { name in
            (0..<text.byteCount).contains { offset in
                text[byte: offset] == UInt8(ascii: "\"")
                    && text.extracting(droppingFirst: offset + 1).starts(withASCII: name)
                    && text.byte(at: offset + 1 + name.utf8CodeUnitCount) == UInt8(ascii: "\"")
            }
        }
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        JSONDecoding(format: self, source: source)
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { JSONEncoding(format: self, options: options) }
}

private final class JSONDecoding<Format: JSONFormat>: RecordDecoding {
    private let format: Format
    private let source: any ByteSource
    private var entries: ArraySlice<JSON>?
    private var number = 0
    private(set) var leftOut: Set<FormatError.Field> = []

    init(format: Format, source: any ByteSource) {
        self.format = format
        self.source = source
    }

    func next() throws(FormatError) -> TokenRecord? {
        if entries == nil {
            let file = try WholeFile.read(source)
            let root = try file.withBytes { (bytes: RawSpan) throws(FormatError) in try JSONParser.parse(bytes) }
            entries = try format.entries(in: root)[...]
        }
        guard let entry = entries?.popFirst() else { return nil }
        number += 1
        do throws(FormatError) {
            guard entry.isObject else { throw FormatError(.malformed, .otherKind) }
            leftOut.formUnion(format.leftOut(of: entry))
            return try format.record(from: entry)
        } catch {
            throw error.inRecord(number)
        }
    }
}

private final class JSONEncoding<Format: JSONFormat>: RecordEncoding {
    private let format: Format
    private let options: EncodingOptions
    private var count = 0

    init(format: Format, options: EncodingOptions) {
        self.format = format
        self.options = options
    }

    func start(into output: WipedBuffer) { output.append(contentsOf: format.head(options).utf8) }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        let json = JSONOutput()
        json.object { format.write(credential, of: record, number: count, options: options, to: json) }
        if count > 0 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: json.buffer)
        count += 1
    }

    func end(into output: WipedBuffer) { output.append(contentsOf: (format.tail(options) + "\n").utf8) }
}

extension JSONOutput {
    func base32(_ name: StaticString, _ secret: Secret) {
        self.secret(name, secret) { bytes, output in Base32.encode(bytes, into: output) }
    }
}
