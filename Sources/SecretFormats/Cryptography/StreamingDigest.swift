public import ByteBuffers
internal import COpenSSL

/// The digest of a file that comes in blocks.
@safe public final class StreamingDigest {
    private let context: OpaquePointer
    private let length: Int

    public init(_ algorithm: HashAlgorithm) throws(CryptoError) {
        guard let digest = unsafe FetchedAlgorithm.digest(algorithm).pointer, let context = unsafe EVP_MD_CTX_new()
        else { throw CryptoError.latest(.hash) }
        unsafe self.context = unsafe context
        length = algorithm.digestLength
        guard unsafe EVP_DigestInit_ex(context, digest, nil) == 1 else { throw CryptoError.latest(.hash) }
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public func update(_ block: WipedBuffer) throws(CryptoError) {
        let outcome = block.withBytes { block in
            unsafe block.withUnsafeBytes { block in
                unsafe EVP_DigestUpdate(context, block.baseAddress, block.count)
            }
        }
        guard outcome == 1 else { throw CryptoError.latest(.hash) }
    }

    /// To be called once, after the last block.
    public func finish() throws(CryptoError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        guard unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw CryptoError.latest(.hash) }
        return digest
    }
}
