internal import ByteBuffers

/// A format that is one JSON document with a list of accounts.
protocol JSONReadable: SecretFormat {
    /// Names of members that all files have; how a file is recognized.
    static var members: [StaticString] { get }

    /// The document of a file, which may be encrypted.
    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON
    /// The list of accounts in a document.
    func entries(in root: JSON) throws(FormatError) -> [JSON]
    /// Whether an entry is an account with one-time passwords: password managers have others as well.
    func holdsCredential(_ entry: JSON) -> Bool
    func record(from entry: JSON) throws(FormatError) -> TokenRecord
    /// What an account says and a record cannot hold.
    func leftOut(of entry: JSON) -> Set<FormatError.Field>
}

/// One that is written as well.
protocol JSONFormat: JSONReadable {
    /// The document up to its first account, and behind its last.
    func head(_ options: EncodingOptions) -> String
    func tail(_ options: EncodingOptions) -> String
    /// - Parameter number: counts from 0.
    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput)
}

/// One that is read only: whoever reads such files can read a better format too.
protocol JSONImport: JSONReadable {}

extension JSONReadable {
    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON { try JSONParser.parse(file) }
    func holdsCredential(_ entry: JSON) -> Bool { true }
    func leftOut(of entry: JSON) -> Set<FormatError.Field> { [] }

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[") else { return false }
        return text.haveMembers(Self.members)
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        JSONDecoding(format: self, source: source, passphrase: options.passphrase)
    }
}

extension JSONFormat {
    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        JSONEncoding(format: self, options: options)
    }
}

extension JSONImport {
    var isWritable: Bool { false }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        throw FormatError(.unsupported, .readOnly)
    }
}

extension RawSpan {
    /// Whether all of `names` are somewhere in the text, in quotation marks.
    func haveMembers(_ names: [StaticString]) -> Bool {
        names.allSatisfy { name in
            (0..<byteCount).contains { offset in
                self[byte: offset] == UInt8(ascii: "\"")
                    && extracting(droppingFirst: offset + 1).starts(withASCII: name)
                    && byte(at: offset + 1 + name.utf8CodeUnitCount) == UInt8(ascii: "\"")
            }
        }
    }
}

private final class JSONDecoding<Format: JSONReadable>: RecordDecoding {
    private let format: Format
    private let source: any ByteSource
    private let passphrase: Secret?
    private var entries: ArraySlice<JSON>?
    private var number = 0
    private(set) var leftOut: Set<FormatError.Field> = []

    init(format: Format, source: any ByteSource, passphrase: Secret?) {
        self.format = format
        self.source = source
        self.passphrase = passphrase
    }

    func next() throws(FormatError) -> TokenRecord? {
        if entries == nil {
            let file = try WholeFile.read(source)
            let root = try file.withBytes { (bytes: RawSpan) throws(FormatError) in
                try format.document(of: bytes, passphrase: passphrase)
            }
            entries = try format.entries(in: root)[...]
        }
        while let entry = entries?.popFirst() {
            number += 1
            do throws(FormatError) {
                guard entry.isObject else { throw FormatError(.malformed, .otherKind) }
                leftOut.formUnion(format.leftOut(of: entry))
                if format.holdsCredential(entry) { return try format.record(from: entry) }
                leftOut.insert(.otherEntries)
            } catch {
                throw error.inRecord(number)
            }
        }
        return nil
    }
}

/// Writes accounts as elements of a list.
final class JSONEncoding<Format: JSONFormat>: RecordEncoding {
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

extension FormatError.Field {
    /// Of a password manager: notes, cards, and logins without one-time passwords.
    public static let otherEntries: Self = "entries without one-time passwords"
}
