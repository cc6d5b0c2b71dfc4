internal import ByteBuffers

/// The field of a password manager's login that holds a TOTP secret: an `otpauth` URI, or base32 for the usual settings.
///
/// A URI without a name gets that of the login; one with a name keeps it.
enum LoginTOTP {
    /// - Parameters:
    ///   - title: of the login, which stands in for the issuer.
    ///   - user: name of the user, which stands in for the account.
    static func record(_ text: RawSpan, title: String?, user: String?) throws(FormatError) -> TokenRecord {
        let content = text.extracting(text.trimmedRange(where: ASCII.isWhitespace))
        guard !content.isEmpty else { throw FormatError(.missing, .empty, field: .secret) }
        guard !content.starts(withASCII: steamScheme) else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        let label = { () throws(FormatError) in
            try Label(issuer: user == nil ? nil : title, account: user ?? title ?? "")
        }
        if content.starts(withASCII: OTPAuthURI.prefix) {
            return TokenRecord(credential: try OTPAuthURI.decode(content, unnamed: label).credential)
        }
        let secret: Secret
        do throws(FormatError) { secret = try Base32.decode(content) } catch { throw error.about(.secret) }
        return TokenRecord(credential: try Credential(label: label(), secret: secret))
    }

    /// Whether a URI has parameters that no record holds; nothing for a text that `record` refuses.
    static func leftOut(of text: RawSpan) -> Set<FormatError.Field> {
        do throws(FormatError) {
            let decoded = try OTPAuthURI.decode(text) { () throws(FormatError) in try Label(account: unnamed) }
            return decoded.extras.isEmpty ? [] : [.parameter]
        } catch {
            return []
        }
    }

    /// Stands in for a name where none is looked at.
    private static let unnamed = "-"

    /// Steam's codes are not decimal.
    private static let steamScheme: StaticString = "steam:"
}
