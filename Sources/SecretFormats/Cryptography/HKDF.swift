internal import COpenSSL

/// Several keys from one (RFC 5869).
public enum HKDF {
    /// Both steps: "extract" makes a uniform key of what may not be one, "expand" makes the new key of that.
    ///
    /// - Parameters:
    ///   - key: the input keying material.
    ///   - salt: need not be secret; none stands for as many zeros as the digest has bytes.
    ///   - info: tells the keys apart.
    ///   - count: length of the new key in bytes.
    public static func derive(
        _ key: Secret, salt: [UInt8], info: StaticString, count: Int, algorithm: HashAlgorithm
    ) throws(CryptoError) -> Secret {
        try derive(
            key, mode: EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, salt: salt, info: info, count: count,
            algorithm: algorithm)
    }

    /// The second step alone.
    ///
    /// - Parameter key: uniform, and as long as the digest of `algorithm` at least.
    static func expand(
        _ key: Secret, info: StaticString, count: Int, algorithm: HashAlgorithm
    ) throws(CryptoError) -> Secret {
        try derive(
            key, mode: EVP_KDF_HKDF_MODE_EXPAND_ONLY, salt: [], info: info, count: count, algorithm: algorithm)
    }

    private static func derive(
        _ key: Secret, mode: CInt, salt: [UInt8], info: StaticString, count: Int, algorithm: HashAlgorithm
    ) throws(CryptoError) -> Secret {
        guard let hkdf = unsafe EVP_KDF_fetch(nil, "HKDF", nil) else { throw CryptoError.latest(.deriveKey) }
        defer { unsafe EVP_KDF_free(hkdf) }
        guard let context = unsafe EVP_KDF_CTX_new(hkdf) else { throw CryptoError.latest(.deriveKey) }
        defer { unsafe EVP_KDF_CTX_free(context) }
        var mode = mode
        return try Secret(count: count) { (output: inout MutableRawSpan) throws(CryptoError) in
            let outcome = unsafe output.withUnsafeMutableBytes { output in
                key.withBytes { key in
                    unsafe key.withUnsafeBytes { key in
                        unsafe salt.withUnsafeBytes { salt in
                            unsafe withUnsafeMutablePointer(to: &mode) { mode in
                                var parameters = unsafe [
                                    OSSL_PARAM_construct_int(Self.name(modeParameter), mode),
                                    OSSL_PARAM_construct_utf8_string(
                                        Self.name(digestParameter),
                                        UnsafeMutablePointer(mutating: name(algorithm.openSSLName)), 0),
                                    octets(keyParameter, key),
                                    octets(infoParameter, UnsafeRawBufferPointer(of: info)),
                                ]
                                if unsafe !salt.isEmpty { unsafe parameters.append(octets(saltParameter, salt)) }
                                unsafe parameters.append(OSSL_PARAM_construct_end())
                                return unsafe EVP_KDF_derive(
                                    context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count,
                                    parameters)
                            }
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
    private static let saltParameter: StaticString = "salt"
    private static let infoParameter: StaticString = "info"

    private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func octets(_ name: StaticString, _ bytes: UnsafeRawBufferPointer) -> OSSL_PARAM {
        unsafe OSSL_PARAM_construct_octet_string(
            Self.name(name), UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }
}

extension UnsafeRawBufferPointer {
    /// The text, which has static storage.
    fileprivate init(of text: StaticString) {
        unsafe self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
