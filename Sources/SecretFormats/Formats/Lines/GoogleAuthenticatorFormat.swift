internal import ByteBuffers

/// `~/.google_authenticator` of google-authenticator-libpam: one credential a file.
///
/// ```
/// GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ      base32; padding makes the module fail for ever
/// " TOTP_AUTH                           or  " HOTP_COUNTER n  with n from 1 on
/// " STEP_SIZE 60                        where it is not 30
/// " DISALLOW_REUSE                      and other options
/// 12345678                              emergency codes
/// ```
///
/// Six digits, SHA1. A counter of 0 means "not HOTP" to the module, so the first code of a key is never accepted there.
/// Written besides are the options that the module's own set-up recommends: a code counts once, three tries in thirty
/// seconds, one step on either side. Emergency codes of a file that is read are left out and reported.
struct GoogleAuthenticatorFormat: SecretFormat {
    let name = "google-authenticator"
    let summary = "~/.google_authenticator of the Google Authenticator PAM module, one user"
    let judges = ["libpam-google-authenticator"]
    let limits = FormatLimits(
        readBy: "the Google Authenticator PAM module", algorithms: [.sha1], digits: [6],
        counters: 1...Credential.counterRange.upperBound)

    fileprivate static let option: StaticString = "\" "

    /// By the first line, base32, and an option in the second.
    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard let end = text.firstOffset(of: UInt8(ascii: "\n")) else { return false }
        guard text.extracting(droppingFirst: end + 1).starts(withASCII: Self.option) else { return false }
        let line = text.extracting(first: end)
        return
            (try? Base32.decode(line.extracting(line.trimmedRange(where: ASCII.isWhitespace)))) != nil
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) throws(FormatError) -> any RecordDecoding {
        guard let label = options.label else { throw FormatError(.missing, .needsLabel, field: .label) }
        return GoogleAuthenticatorDecoder(LineReader(source), label: label)
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { GoogleAuthenticatorEncoder() }
}

private final class GoogleAuthenticatorDecoder: RecordDecoding {
    private let lines: LineReader
    private let label: Label
    private var isRead = false
    private var columns: OATHColumns?
    private var step: UInt64?
    private var isTimed = false
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ lines: LineReader, label: Label) {
        self.lines = lines
        self.label = label
    }

    func next() throws(FormatError) -> TokenRecord? {
        guard !isRead else { return nil }
        isRead = true
        while try lines.next({ (line: RawSpan) throws(FormatError) in try read(line) }) != nil {}
        guard var columns else { throw FormatError(.missing, .empty, field: .secret) }
        guard isTimed || columns.isCounted else { throw FormatError(.missing, .noMode, field: .type) }
        if !columns.isCounted { columns.moving = step }
        return TokenRecord(credential: try columns.credential(label))
    }

    private func read(_ line: RawSpan) throws(FormatError) {
        guard columns != nil else {
            do throws(FormatError) {
                columns = OATHColumns(isCounted: false, secret: try Base32.decode(line))
            } catch {
                throw error.about(.secret)
            }
            return
        }
        guard line.starts(withASCII: GoogleAuthenticatorFormat.option) else {
            leftOut.insert(.emergencyCodes)
            return
        }
        let words = CSVRow(words: line)
        if words.equals(1, "TOTP_AUTH") {
            isTimed = true
        } else if words.equals(1, "HOTP_COUNTER") {
            guard let counter = try words.number(2, .counter) else {
                throw FormatError(.missing, .empty, field: .counter)
            }
            guard counter > 0 else { throw FormatError(.unsupported, .counterZero, field: .counter) }
            columns?.isCounted = true
            columns?.moving = counter
        } else if words.equals(1, "STEP_SIZE") {
            step = try words.number(2, .period)
        }
    }
}

private final class GoogleAuthenticatorEncoder: RecordEncoding {
    private var isWritten = false

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        guard !isWritten else { throw FormatError(.unsupported, .oneRecord, field: .account) }
        isWritten = true
        credential.secret.withBytes { Base32.encode($0, into: output) }
        output.append("\n\" RATE_LIMIT 3 30\n\" WINDOW_SIZE 3\n")
        switch credential.kind {
        case .totp(let period):
            output.append("\" DISALLOW_REUSE\n")
            if period != Credential.defaultPeriod { output.append(contentsOf: "\" STEP_SIZE \(period)\n".utf8) }
            output.append("\" TOTP_AUTH\n")
        case .hotp(let counter): output.append(contentsOf: "\" HOTP_COUNTER \(counter)\n".utf8)
        }
    }
}

extension FormatError.Field {
    public static let emergencyCodes: Self = "emergency codes"
}

extension FormatError.Reason {
    public static let noMode: Self = "neither TOTP_AUTH nor HOTP_COUNTER, so that no code counts"
    public static let counterZero: Self = "a counter of 0, which is no counter to the module"
    public static let oneRecord: Self = "the file holds one credential"
}
