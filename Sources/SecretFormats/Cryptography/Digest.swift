internal import COpenSSL

extension HashAlgorithm {
    /// The digest of bytes that need no secrecy (a file, a manifest); `digestLength` bytes.
    public func digest(of bytes: RawSpan) throws(CryptoError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: digestLength)
        var output = digest.mutableSpan
        var raw = unsafe output.mutableBytes
        try hash(bytes, into: &raw)
        return digest
    }

    public func digest(of bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        try digest(of: unsafe bytes.span.bytes)
    }

    fileprivate func hash(_ input: RawSpan, into output: inout MutableRawSpan) throws(CryptoError) {
        guard let algorithm = unsafe FetchedAlgorithm.digest(self).pointer else { throw CryptoError.latest(.hash) }
        let outcome = unsafe input.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { target in
                unsafe EVP_Digest(
                    source.baseAddress, source.count, target.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                    algorithm, nil)
            }
        }
        guard outcome == 1 else { throw CryptoError.latest(.hash) }
    }
}

extension Secret {
    /// The digest of the secret, as secret as the input: what stands in for a key that is longer than a hash block.
    public func hashed(with algorithm: HashAlgorithm) throws(CryptoError) -> Secret {
        try Secret(count: algorithm.digestLength) { (output: inout MutableRawSpan) throws(CryptoError) in
            try algorithm.hash(self, into: &output)
        }
    }
}

extension HashAlgorithm {
    fileprivate func hash(_ input: Secret, into output: inout MutableRawSpan) throws(CryptoError) {
        try input.withBytes { (bytes: RawSpan) throws(CryptoError) in try hash(bytes, into: &output) }
    }
}
