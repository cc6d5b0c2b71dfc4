internal import ByteBuffers

/// A list of `otpauth` URIs, one a line: what most apps and servers import and export as plain text.
///
/// A URI carries the credential only. A record's serial is read from the `serial` parameter that privacyIDEA adds and
/// is not written, nor are model and owner: no reader but its own knows them.
public struct OTPAuthFormat: SecretFormat {
    public init() {}

    public let name = "otpauth"
    public let summary = "otpauth:// URIs, one a line"
    public let judges = ["KeePassXC", "pass-otp", "pyotp", "ykman"]
    public let limits = FormatLimits(readBy: "an authenticator app", carried: [.issuer, .account])

    public func recognizes(_ start: RawSpan) -> Bool {
        start.extracting(LineReader.firstText(of: start)).starts(withASCII: OTPAuthURI.prefix)
    }

    public func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        OTPAuthDecoder(LineReader(source))
    }

    public func makeEncoder(options: EncodingOptions) -> any RecordEncoding { OTPAuthEncoder() }
}

private final class OTPAuthDecoder: RecordDecoding {
    private let lines: LineReader
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ lines: LineReader) { self.lines = lines }

    func next() throws(FormatError) -> TokenRecord? {
        try lines.next { (line: RawSpan) throws(FormatError) in
            let decoded = try OTPAuthURI.decodeWithExtras(line)
            let serial = decoded.extra(Self.serialParameter)
            if decoded.extras.contains(where: { $0.name != Self.serialParameter }) { leftOut.insert(.parameter) }
            return TokenRecord(serial: serial.flatMap { $0.isEmpty ? nil : $0 }, credential: decoded.credential)
        }
    }

    private static let serialParameter = "serial"
}

private final class OTPAuthEncoder: RecordEncoding {
    func append(_ record: TokenRecord, into output: WipedBuffer) {
        guard let credential = record.credential else { return }
        OTPAuthURI.encode(credential, explicit: false, into: output)
        output.append(UInt8(ascii: "\n"))
    }
}
