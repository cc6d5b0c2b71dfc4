internal import COpenSSL

/// Several keys from one (RFC 5869 section 2.3, the step "expand").
enum HKDF {
    /// - Parameters:
    ///   - key: as long as the digest of `algorithm` at least.
    ///   - info: tells the keys apart.
    ///   - count: length of the new key in bytes.
    static func expand(
        _ key: Secret, info: StaticString, count: Int, algorithm: HashAlgorithm
    ) throws(CryptoError) -> Secret {
        guard let hkdf = unsafe EVP_KDF_fetch(nil, "HKDF", nil) else { throw CryptoError.latest(.deriveKey) }
        defer { unsafe EVP_KDF_free(hkdf) }
        guard let context = unsafe EVP_KDF_CTX_new(hkdf) else { throw CryptoError.latest(.deriveKey) }
        defer { unsafe EVP_KDF_CTX_free(context) }
        var mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY
        return try Secret(count: count) { (output: inout MutableRawSpan) throws(CryptoError) in
            let outcome = unsafe output.withUnsafeMutableBytes { output in
                key.withBytes { key in
                    unsafe key.withUnsafeBytes { key in
                        unsafe withUnsafeMutablePointer(to: &mode) { mode in
                            let parameters = unsafe [
                                OSSL_PARAM_construct_int(Self.name(modeParameter), mode),
                                OSSL_PARAM_construct_utf8_string(
                                    Self.name(digestParameter),
                                    UnsafeMutablePointer(mutating: name(algorithm.openSSLName)),
                                    0),
                                OSSL_PARAM_construct_octet_string(
                                    Self.name(keyParameter), UnsafeMutableRawPointer(mutating: key.baseAddress),
                                    key.count),
                                OSSL_PARAM_construct_octet_string(
                                    Self.name(infoParameter), UnsafeMutableRawPointer(mutating: info.utf8Start),
                                    info.utf8CodeUnitCount),
                                OSSL_PARAM_construct_end(),
                            ]
                            return unsafe EVP_KDF_derive(
                                context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count,
                                parameters)
                        }
                    }
                }
            }
            guard outcome == 1 else { throw CryptoError.latest(.deriveKey) }
        }
    }

    // OpenSSL's parameters keep the pointers, so the texts have static storage; and they are only read, whatever the
    // types say.
    private static let modeParameter: StaticString = "mode"
    private static let digestParameter: StaticString = "digest"
    private static let keyParameter: StaticString = "key"
    private static let infoParameter: StaticString = "info"

    private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
