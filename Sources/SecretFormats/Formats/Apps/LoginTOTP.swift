internal import ByteBuffers

/// The field of a password manager's login that holds a TOTP secret: an `otpauth` URI, or base32 for the usual settings.
///
/// A URI without a name gets that of the login; one with a name keeps it.
enum LoginTOTP {
    /// - Parameters:
    ///   - title: of the login, which stands in for the issuer.
    ///   - user: name of the user, which stands in for the account.
    static func record(
        _ text: RawSpan, title: String?, user: String?
    ) throws(FormatError) -> (record: TokenRecord, leftOut: Set<FormatError.Field>) {
        let content = text.extracting(text.trimmedRange(where: ASCII.isWhitespace))
        guard !content.isEmpty else { throw FormatError(.missing, .empty, field: .secret) }
        let isURI = content.starts(withASCII: OTPAuthURI.prefix)
        if !isURI, content.starts(withASCII: "steam:") {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        if isURI {
            let decoded = try OTPAuthURI.decode(
                content, unnamed: try? Label(issuer: user == nil ? nil : title, account: user ?? title ?? ""))
            return (TokenRecord(credential: decoded.credential), decoded.extras.isEmpty ? [] : [.parameter])
        }
        let secret: Secret
        do throws(FormatError) { secret = try Base32.decode(content) } catch { throw error.about(.secret) }
        let label = try Label(issuer: user == nil ? nil : title, account: user ?? title ?? "")
        return (TokenRecord(credential: try Credential(label: label, secret: secret)), [])
    }
}
