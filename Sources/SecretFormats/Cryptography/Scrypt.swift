internal import COpenSSL

/// Keys from passwords that cost memory as well as time (RFC 7914).
public enum Scrypt {
    /// - Parameters:
    ///   - n: cost, a power of two above 1.
    ///   - r: blocks of 128 bytes; `n` · `r` of them are the memory that is taken.
    ///   - p: how often that is done.
    ///   - count: length of the key in bytes.
    ///   - memoryLimit: bytes. What takes more is refused by OpenSSL with an error; it counts `memory`.
    public static func deriveKey(
        password: Secret, salt: [UInt8], n: UInt64, r: UInt64, p: UInt64, count: Int, memoryLimit: UInt64
    ) throws(CryptoError) -> Secret {
        try Secret(count: count) { (key: inout MutableRawSpan) throws(CryptoError) in
            let outcome = unsafe key.withUnsafeMutableBytes { key in
                password.withBytes { password in
                    unsafe password.withUnsafeBytes { password in
                        unsafe EVP_PBE_scrypt(
                            password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt,
                            salt.count, n, r, p, memoryLimit, key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            key.count)
                    }
                }
            }
            guard outcome == 1 else { throw CryptoError.latest(.deriveKey) }
        }
    }

    /// Bytes that OpenSSL counts against the limit: the blocks of RFC 7914 section 6, `p` of "B" and two of "X" with them.
    public static func memory(n: UInt64, r: UInt64, p: UInt64) -> UInt64 { blockUnit * r * (n + p + 2) }

    private static let blockUnit: UInt64 = 128
}
