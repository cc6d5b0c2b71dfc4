public import ByteBuffers

/// A list of `otpauth` URIs, one a line: what most apps and servers import and export as plain text.
///
/// A URI carries the credential only. A record's serial is read from the `serial` parameter that privacyIDEA adds and
/// is not written, nor are model and owner: no reader but its own knows them.
public struct OTPAuthFormat: SecretFormat {
    public init() {}

    public let name = "otpauth"
    public let summary = "otpauth:// URIs, one a line"

    public func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(Lines.withoutByteOrderMark(start))
        return text.extracting(text.trimmedRange(where: ASCII.isWhitespace)).starts(withASCII: OTPAuthURI.prefix)
    }

    public func decode(_ input: RawSpan) throws(FormatError) -> [TokenRecord] {
        var records: [TokenRecord] = []
        try Lines.forEach(in: input) { (line: RawSpan) throws(FormatError) in
            let decoded = try OTPAuthURI.decodeWithExtras(line)
            records.append(TokenRecord(serial: decoded.extra("serial"), credential: decoded.credential))
        }
        guard !records.isEmpty else { throw FormatError(.missing, .empty) }
        return records
    }

    public func encode(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        OTPAuthURI.encode(record.credential, explicit: false, into: output)
        output.append(UInt8(ascii: "\n"))
    }
}
