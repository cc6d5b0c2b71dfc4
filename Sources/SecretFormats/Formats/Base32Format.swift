public import ByteBuffers

/// Bare secrets in base32, one a line: for a web page's "enter this key" field and for scripts.
///
/// Written are secrets only; type, algorithm, digits and names are lost. So nothing can be read back without a label:
/// `decode(_:label:)` gives one secret that name and the usual settings (time-based, SHA1, 6 digits, 30 seconds), and
/// refuses more than one, as a name belongs to one credential.
public struct Base32Format: SecretFormat {
    public init() {}

    public let name = "base32"
    public let summary = "bare base32 secrets, one a line, without names"

    /// Shorter words of base32 letters are more likely just words (RFC 4226 section 4 asks for 128 bits).
    private static let shortestRecognized = 26

    public func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(Lines.withoutByteOrderMark(start))
        let content = text.extracting(text.trimmedRange(where: ASCII.isWhitespace))
        let end = content.firstOffset(of: UInt8(ascii: "\n")) ?? content.byteCount
        let line = content.extracting(first: end)
        guard line.byteCount >= Self.shortestRecognized else { return false }
        do throws(FormatError) {
            _ = try Base32.decode(line.extracting(line.trimmedRange(where: ASCII.isWhitespace)))
            return true
        } catch {
            return false
        }
    }

    public func decode(_ input: RawSpan) throws(FormatError) -> [TokenRecord] { try decode(input, label: nil) }

    public func decode(_ input: RawSpan, label: Label?) throws(FormatError) -> [TokenRecord] {
        guard let label else { throw FormatError(.missing, .needsLabel, field: .label) }
        var records: [TokenRecord] = []
        try Lines.forEach(in: input) { (line: RawSpan) throws(FormatError) in
            guard records.isEmpty else { throw FormatError(.unsupported, .oneLabelManySecrets, field: .secret) }
            do throws(FormatError) {
                records.append(TokenRecord(credential: try Credential(label: label, secret: Base32.decode(line))))
            } catch {
                throw error.about(.secret)
            }
        }
        guard !records.isEmpty else { throw FormatError(.missing, .empty, field: .secret) }
        return records
    }

    public func encode(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        record.credential.secret.withBytes { bytes in Base32.encode(bytes, into: output) }
        output.append(UInt8(ascii: "\n"))
    }
}

extension FormatError.Reason {
    public static let needsLabel: Self = "a bare secret has no name, so one must be given"
    public static let oneLabelManySecrets: Self = "more than one secret for one label"
}
