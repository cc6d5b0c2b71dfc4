/// The hash functions that one-time passwords are made with (RFC 6238 section 1.2).
///
/// The raw value is the name in an `otpauth` URI and in OpenSSL.
public enum HashAlgorithm: String, CaseIterable, Sendable {
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha512 = "SHA512"

    /// Length of the output in bytes.
    public var digestLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    /// Length in bytes of the blocks the function works on; HMAC hashes longer keys first (RFC 2104 section 3).
    public var blockLength: Int {
        switch self {
        case .sha1, .sha256: 64
        case .sha512: 128
        }
    }

    /// The name with static storage, for C structures that keep the pointer.
    var openSSLName: StaticString {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }
}
