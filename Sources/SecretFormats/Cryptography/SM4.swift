internal import ByteBuffers
internal import COpenSSL

/// SM4 (GB/T 32907-2016) without padding: what some keys encrypt and authenticate their commands with.
public enum SM4 {
    public static let blockLength = 16
    public static let keyLength = 16

    /// Each block by itself (ECB).
    ///
    /// - Parameters:
    ///   - blocks: whole blocks, at least one.
    ///   - key: 16 bytes.
    public static func encrypt(_ blocks: RawSpan, key: Secret) throws(CryptoError) -> [UInt8] {
        try run(blocks, key: key, cipherName: "SM4-ECB")
    }

    /// The last block of a chain (CBC) that begins with zeros: a MAC, where all messages are of one form.
    public static func lastOfChain(_ blocks: RawSpan, key: Secret) throws(CryptoError) -> [UInt8] {
        Array(try run(blocks, key: key, cipherName: "SM4-CBC").suffix(blockLength))
    }

    private static func run(_ input: RawSpan, key: Secret, cipherName: String) throws(CryptoError) -> [UInt8] {
        guard key.count == keyLength, input.byteCount > 0, input.byteCount.isMultiple(of: blockLength),
            let count = Int32(exactly: input.byteCount)
        else { throw CryptoError(.encrypt, code: .invalidArgument) }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, cipherName, nil) else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let vector = [UInt8](repeating: 0, count: blockLength)
        let isReady = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe EVP_CipherInit_ex2(
                    context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self), vector, 1, nil)
            }
        }
        guard isReady == 1, unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
        var output = [UInt8](repeating: 0, count: input.byteCount)
        var written: Int32 = 0
        let isDone = unsafe input.withUnsafeBytes { input in
            unsafe EVP_CipherUpdate(
                context, &output, &written, input.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
        }
        guard isDone == 1, written == count else { throw CryptoError.latest(.encrypt) }
        return output
    }
}
