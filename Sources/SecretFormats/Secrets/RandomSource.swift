internal import COpenSSL

/// Where new key material comes from; tests put in a source with a known outcome.
public protocol RandomSource: Sendable {
    /// Overwrites all of `bytes`, or throws.
    func fill(_ bytes: inout MutableRawSpan) throws(CryptoError)
}

/// OpenSSL's private generator, seeded by the kernel: the source for every secret that is handed out.
public struct SystemRandom: RandomSource {
    public init() {}

    public func fill(_ bytes: inout MutableRawSpan) throws(CryptoError) {
        guard !bytes.isEmpty else { return }
        let outcome = unsafe bytes.withUnsafeMutableBytes { buffer in
            // The library context is given as nil: the default one. Strength 0 is the generator's own, 256 bits.
            unsafe RAND_priv_bytes_ex(nil, buffer.baseAddress, buffer.count, 0)
        }
        guard outcome == 1 else { throw CryptoError.latest(.random) }
    }
}
