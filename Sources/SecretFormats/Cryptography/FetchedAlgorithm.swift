internal import COpenSSL

/// An algorithm that OpenSSL was asked for by name, once for the process: fetching takes longer than hashing 20 bytes.
///
/// OpenSSL counts references to fetched algorithms and only reads them afterwards, so threads may share one. The
/// pointer is nil when no provider has the algorithm (a FIPS-only setup, for instance).
@safe struct FetchedAlgorithm: @unchecked Sendable {
    let pointer: OpaquePointer?

    static let hmac = unsafe FetchedAlgorithm(pointer: EVP_MAC_fetch(nil, "HMAC", nil))

    static let aes256GCM = cipher("AES-256-GCM")
    static let chaCha20Poly1305 = cipher("ChaCha20-Poly1305")

    static func digest(_ algorithm: HashAlgorithm) -> FetchedAlgorithm {
        switch algorithm {
        case .sha1: sha1
        case .sha256: sha256
        case .sha512: sha512
        }
    }

    private static let sha1 = fetch(.sha1)
    private static let sha256 = fetch(.sha256)
    private static let sha512 = fetch(.sha512)

    private static func cipher(_ name: String) -> FetchedAlgorithm {
        unsafe FetchedAlgorithm(pointer: EVP_CIPHER_fetch(nil, name, nil))
    }

    private static func fetch(_ algorithm: HashAlgorithm) -> FetchedAlgorithm {
        unsafe FetchedAlgorithm(pointer: EVP_MD_fetch(nil, algorithm.rawValue, nil))
    }
}
