internal import COpenSSL

/// Keyed hashing for message authentication (RFC 2104).
public enum HMAC {
    /// The MAC of `message`: `algorithm.digestLength` bytes.
    ///
    /// - Parameter key: any length, also none.
    public static func authenticate(
        _ message: RawSpan, key: Secret, algorithm: HashAlgorithm
    ) throws(CryptoError) -> [UInt8] {
        // HMAC pads a key with zeros to the block length, so a single zero stands for the empty key; OpenSSL would take
        // the null pointer of an empty key for "keep the key you have".
        let key = key.count > 0 ? key : singleZero
        return try key.withBytes { (key: RawSpan) throws(CryptoError) in
            try authenticate(message, keyBytes: key, algorithm: algorithm)
        }
    }

    public static func authenticate(
        _ message: [UInt8], key: Secret, algorithm: HashAlgorithm
    ) throws(CryptoError) -> [UInt8] {
        try authenticate(unsafe message.span.bytes, key: key, algorithm: algorithm)
    }

    private static let singleZero = Secret(count: 1) { _ in }
    private static let digestParameter: StaticString = "digest"

    private static func authenticate(
        _ message: RawSpan, keyBytes: RawSpan, algorithm: HashAlgorithm
    ) throws(CryptoError) -> [UInt8] {
        guard let hmac = unsafe FetchedAlgorithm.hmac.pointer, let context = unsafe EVP_MAC_CTX_new(hmac) else {
            throw CryptoError.latest(.authenticate)
        }
        defer { unsafe EVP_MAC_CTX_free(context) }
        var parameters = unsafe [
            // OpenSSL's parameter type has no const; it only reads the name.
            OSSL_PARAM_construct_utf8_string(
                UnsafeRawPointer(digestParameter.utf8Start).assumingMemoryBound(to: CChar.self),
                UnsafeMutableRawPointer(mutating: algorithm.openSSLName.utf8Start).assumingMemoryBound(to: CChar.self),
                0),
            OSSL_PARAM_construct_end(),
        ]
        let isKeyed = unsafe keyBytes.withUnsafeBytes { key in
            unsafe EVP_MAC_init(
                context, key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count, &parameters)
        }
        let isHashed = unsafe message.withUnsafeBytes { message in
            unsafe EVP_MAC_update(context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count)
        }
        var mac = [UInt8](repeating: 0, count: algorithm.digestLength)
        var length = 0
        guard isKeyed == 1, isHashed == 1, unsafe EVP_MAC_final(context, &mac, &length, mac.count) == 1,
            length == mac.count
        else { throw CryptoError.latest(.authenticate) }
        return mac
    }
}
