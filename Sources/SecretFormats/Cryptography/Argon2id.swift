internal import CArgon2

/// Keys from passwords that cost memory as well as time (RFC 9106), version 1.3.
enum Argon2id {
    /// What the password is put through.
    struct Cost {
        var passes: UInt32
        /// KiB; at least 8 for each lane.
        var memory: UInt32
        /// Parts of the memory that are worked on side by side.
        var lanes: UInt32
    }

    /// Bytes that a salt has at least.
    static let shortestSalt = 8

    /// - Parameter count: length of the key in bytes, at least 4.
    static func deriveKey(
        password: Secret, salt: [UInt8], cost: Cost, count: Int
    ) throws(CryptoError) -> Secret {
        try Secret(count: count) { (key: inout MutableRawSpan) throws(CryptoError) in
            let outcome = unsafe key.withUnsafeMutableBytes { key in
                password.withBytes { password in
                    unsafe password.withUnsafeBytes { password in
                        unsafe argon2id_hash_raw(
                            cost.passes, cost.memory, cost.lanes, password.baseAddress, password.count, salt,
                            salt.count, key.baseAddress, key.count)
                    }
                }
            }
            guard outcome == ARGON2_OK.rawValue else { throw CryptoError(.deriveKey, code: .unknown) }
        }
    }
}
