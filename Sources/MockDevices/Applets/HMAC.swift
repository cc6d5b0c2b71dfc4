import COpenSSL

/// The hash functions of OATH credentials, numbered as YKOATH does.
enum HMACHash: UInt8, Hashable {
    case sha1 = 1
    case sha256 = 2
    case sha512 = 3

    init?(oathAlgorithm number: UInt8) { self.init(rawValue: number) }

    /// Bytes in a block: the longest key that is used as it is (RFC 2104, section 2).
    var blockLength: Int { self == .sha512 ? 128 : 64 }

    var digestLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    private var opensslName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }

    /// HMAC over `message` (RFC 2104).
    ///
    /// - Parameter key: at most `blockLength` bytes.
    func authenticate(_ message: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        // Zero bytes up to a block change nothing in HMAC, and OpenSSL takes no key of no bytes.
        let padded = key + [UInt8](repeating: 0, count: max(0, blockLength - key.count))
        var digest = [UInt8](repeating: 0, count: digestLength)
        var written = 0
        let made = unsafe EVP_Q_mac(
            nil, "HMAC", nil, opensslName, nil, padded, padded.count, message, message.count, &digest, digest.count,
            &written)
        guard unsafe made != nil, written == digest.count else { throw .internalError }
        return digest
    }
}

/// Compares without telling by the time it takes where the difference is; the lengths are no secret.
func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
}
