internal import ByteBuffers

/// Bare secrets in base32, one a line: for a web page's "enter this key" field and for scripts.
///
/// Written are secrets only; type, algorithm, digits and names are entered beside them. So nothing can be read back
/// without a label: that of the options goes with one secret and the usual settings (time-based, SHA1, 6 digits, 30
/// seconds); a second secret is refused, as a name belongs to one credential.
public struct Base32Format: SecretFormat {
    public init() {}

    public let name = "base32"
    public let summary = "bare base32 secrets, one a line, without names"
    public let judges = ["oathtool"]
    public let limits = FormatLimits(
        readBy: "a field for a secret", unwritten: [.type, .algorithm, .digits, .period, .counter])

    /// Shorter words of base32 letters are more likely just words (RFC 4226 section 4 asks for 128 bits).
    private static let shortestRecognized = 26

    /// By the first two lines: other files begin with a secret and go on with something else.
    public func recognizes(_ start: RawSpan) -> Bool {
        let lines = LineReader(BufferSource(copying: start))
        do throws(FormatError) {
            var isFirst = true
            while let isSecret = try lines.next(Self.isSecret) {
                guard isSecret else { return false }
                if !isFirst { return true }
                isFirst = false
            }
            return !isFirst
        } catch {
            return false
        }
    }

    private static func isSecret(_ line: RawSpan) throws(FormatError) -> Bool {
        _ = try Base32.decode(line)
        return line.byteCount >= shortestRecognized
    }

    public func makeDecoder(
        _ source: any ByteSource, options: DecodingOptions
    ) throws(FormatError) -> any RecordDecoding {
        guard let label = options.label else { throw FormatError(.missing, .needsLabel, field: .label) }
        return Base32Decoder(LineReader(source), label: label)
    }

    public func makeEncoder(options: EncodingOptions) -> any RecordEncoding { Base32Encoder() }
}

private final class Base32Decoder: RecordDecoding {
    private let lines: LineReader
    private let label: Label
    private var isRead = false

    init(_ lines: LineReader, label: Label) {
        self.lines = lines
        self.label = label
    }

    func next() throws(FormatError) -> TokenRecord? {
        let record = try lines.next { (line: RawSpan) throws(FormatError) -> TokenRecord in
            guard !isRead else { throw FormatError(.unsupported, .oneLabelManySecrets, field: .secret) }
            do throws(FormatError) {
                return TokenRecord(credential: try Credential(label: label, secret: Base32.decode(line)))
            } catch {
                throw error.about(.secret)
            }
        }
        if record == nil, !isRead { throw FormatError(.missing, .empty, field: .secret) }
        isRead = true
        return record
    }
}

private final class Base32Encoder: RecordEncoding {
    func append(_ record: TokenRecord, into output: WipedBuffer) {
        guard let credential = record.credential else { return }
        credential.secret.withBytes { bytes in Base32.encode(bytes, into: output) }
        output.append(UInt8(ascii: "\n"))
    }
}

extension FormatError.Reason {
    public static let needsLabel: Self = "a bare secret has no name, so one must be given"
    public static let oneLabelManySecrets: Self = "more than one secret for one label"
}
