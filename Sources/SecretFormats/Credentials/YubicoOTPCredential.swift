/// What a slot of a YubiKey holds for Yubico OTP (Yubico, "OTPs Explained"): a token of 16 bytes, encrypted with AES-128
/// and written in modhex behind the public identity.
public struct YubicoOTPCredential: Equatable, Sendable {
    /// Bytes of the public identity: a key takes up to sixteen (yubikey-personalization, `FIXED_SIZE`). None where the
    /// server finds the token otherwise.
    public static let publicIDRange = 0...16
    public static let privateIDLength = 6
    public static let keyLength = 16
    public static let accessCodeLength = 6

    /// Characters of a password: the encrypted token, and the public identity before it, in modhex.
    var passwordLength: Int { 2 * (Self.tokenLength + publicID.count) }

    /// Bytes of the token that is encrypted into each password: one block of AES.
    private static let tokenLength = 16

    /// Sent in front of each password, in clear.
    public let publicID: [UInt8]
    /// Encrypted into each password.
    public let privateID: Secret
    public let key: Secret
    /// Protects the slot from being written again; nil for none.
    public let accessCode: Secret?

    public init(
        publicID: [UInt8], privateID: Secret, key: Secret, accessCode: Secret? = nil
    ) throws(FormatError) {
        guard Self.publicIDRange.contains(publicID.count) else {
            throw FormatError(.malformed, .publicIDLength, field: .publicID)
        }
        guard privateID.count == Self.privateIDLength else {
            throw FormatError(.malformed, .sixBytes, field: .privateID)
        }
        guard key.count == Self.keyLength else { throw FormatError(.malformed, .sixteenBytes, field: .secret) }
        guard accessCode.map({ $0.count == Self.accessCodeLength }) != false else {
            throw FormatError(.malformed, .sixBytes, field: .accessCode)
        }
        self.publicID = publicID
        self.privateID = privateID
        self.key = key
        self.accessCode = accessCode
    }
}

extension FormatError.Field {
    public static let publicID: Self = "public identity"
    public static let privateID: Self = "private identity"
    public static let accessCode: Self = "access code"
}

extension FormatError.Reason {
    public static let publicIDLength: Self = "more than 16 bytes"
    public static let sixBytes: Self = "not 6 bytes"
    public static let sixteenBytes: Self = "not 16 bytes"
}
