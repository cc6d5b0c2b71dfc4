internal import ByteBuffers

/// The `otpauth` URI that authenticator apps read from QR codes (Google's "Key Uri Format";
/// draft-linuxgemini-otpauth-uri-02).
///
/// ```
/// otpauth://totp/Issuer:account?secret=BASE32&issuer=Issuer[&algorithm=A][&digits=N][&period=S]
/// otpauth://hotp/Issuer:account?secret=BASE32&issuer=Issuer[&algorithm=A][&digits=N]&counter=N
/// ```
///
/// There is one spelling out, the one that all known readers take: a literal colon, `%20` for a space, all but
/// unreserved characters percent-encoded as UTF-8, the secret in upper case without padding, parameters in the order
/// above, and those left out that have their default (SHA1, 6 digits, 30 seconds). `counter` stands last because
/// pass-otp damages a URI where something follows it.
public enum OTPAuthURI {
    /// - Parameter explicit: write algorithm, digits and period also when they have their defaults.
    public static func encode(_ credential: Credential, explicit: Bool = false) throws(FormatError) -> Secret {
        let uri = WipedBuffer(capacity: 256 + credential.secret.count * 2)
        encode(credential, explicit: explicit, into: uri)
        return Secret(uri)
    }

    static func encode(_ credential: Credential, explicit: Bool, into uri: WipedBuffer) {
        switch credential.kind {
        case .totp: uri.append("otpauth://totp/")
        case .hotp: uri.append("otpauth://hotp/")
        }
        if let issuer = credential.label.issuer {
            PercentEncoding.encode(issuer, into: uri)
            uri.append(UInt8(ascii: ":"))
        }
        PercentEncoding.encode(credential.label.account, into: uri)
        uri.append("?secret=")
        credential.secret.withBytes { bytes in Base32.encode(bytes, into: uri) }
        if let issuer = credential.label.issuer {
            uri.append("&issuer=")
            PercentEncoding.encode(issuer, into: uri)
        }
        if explicit || credential.algorithm != .sha1 {
            uri.append("&algorithm=")
            uri.append(contentsOf: credential.algorithm.rawValue.utf8)
        }
        if explicit || credential.digits != Credential.defaultDigits {
            uri.append("&digits=")
            uri.append(contentsOf: String(credential.digits).utf8)
        }
        switch credential.kind {
        case .totp(let period):
            if explicit || period != Credential.defaultPeriod {
                uri.append("&period=")
                uri.append(contentsOf: String(period).utf8)
            }
        case .hotp(let counter):
            uri.append("&counter=")
            uri.append(contentsOf: String(counter).utf8)
        }
    }

    /// A character of the label that is right in a URI and yet breaks some readers.
    public struct Warning: Hashable, Sendable {
        /// `issuer` or `account`.
        public let field: FormatError.Field
        public let character: Unicode.Scalar
        /// Counted from 1, in characters (Unicode scalars) of the field.
        public let position: Int
    }

    /// 2FAS, Stratum and OTPClient decode a URI before they take it apart, or once more after, so that these characters
    /// of a label cut it short or change it there.
    public static func warnings(for credential: Credential) -> [Warning] {
        warnings(in: credential.label.issuer ?? "", field: .issuer)
            + warnings(in: credential.label.account, field: .account)
    }

    private static let troublesome: Set<Unicode.Scalar> = ["&", "=", "#", "%", "?", "+", "/"]

    private static func warnings(in text: String, field: FormatError.Field) -> [Warning] {
        text.unicodeScalars.enumerated().compactMap { index, character in
            troublesome.contains(character) ? Warning(field: field, character: character, position: index + 1) : nil
        }
    }
}
