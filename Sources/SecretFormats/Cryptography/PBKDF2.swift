internal import COpenSSL

/// Keys from passwords (RFC 8018 section 5.2) with HMAC as the pseudorandom function.
public enum PBKDF2 {
    /// - Parameters:
    ///   - iterations: 1 up to 2^31 − 1, the width of OpenSSL's argument.
    ///   - count: length of the key in bytes, 1 up to 2^31 − 1.
    public static func deriveKey(
        password: Secret, salt: [UInt8], iterations: Int, count: Int, algorithm: HashAlgorithm
    ) throws(CryptoError) -> Secret {
        guard iterations > 0, count > 0, let iterations = CInt(exactly: iterations),
            let passwordLength = CInt(exactly: password.count), let saltLength = CInt(exactly: salt.count),
            let keyLength = CInt(exactly: count)
        else { throw CryptoError(.deriveKey, code: .invalidArgument) }
        guard let digest = unsafe FetchedAlgorithm.digest(algorithm).pointer else {
            throw CryptoError.latest(.deriveKey)
        }
        return try Secret(count: count) { (key: inout MutableRawSpan) throws(CryptoError) in
            let outcome = unsafe key.withUnsafeMutableBytes { key in
                password.withBytes { password in
                    unsafe password.withUnsafeBytes { password in
                        unsafe PKCS5_PBKDF2_HMAC(
                            password.baseAddress?.assumingMemoryBound(to: CChar.self), passwordLength, salt,
                            saltLength, iterations, digest, keyLength,
                            key.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    }
                }
            }
            guard outcome == 1 else { throw CryptoError.latest(.deriveKey) }
        }
    }
}
