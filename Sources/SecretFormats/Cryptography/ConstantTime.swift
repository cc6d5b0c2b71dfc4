internal import COpenSSL

/// Comparing what an attacker must not learn the first difference of.
public enum ConstantTime {
    /// Takes the same time wherever the bytes differ; only the lengths show.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
