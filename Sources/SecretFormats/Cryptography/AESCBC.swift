internal import ByteBuffers
internal import COpenSSL

/// AES in cipher block chaining mode, as XML Encryption writes it (section 5.2): the initialization vector stands in
/// front of the ciphertext, and the last byte of the padding is its length.
///
/// It does not notice changes; a MAC over the whole has to be right before `decrypt` is called.
public enum AESCBC {
    public static let blockLength = 16
    /// Bytes of keys: AES-128, AES-192, AES-256.
    static let keyLengths: Set<Int> = [16, 24, 32]

    /// Encrypts with a new initialization vector; PKCS #7 padding, which is what all readers take.
    public static func encrypt(
        _ plaintext: RawSpan, key: Secret, random: some RandomSource
    ) throws(CryptoError) -> [UInt8] {
        let vector = try Secret.random(count: blockLength, from: random)
        let ciphertext = try run(plaintext, key: key, vector: vector, encrypting: true, isPadded: true)
        return vector.withBytes { [UInt8](copying: $0) } + ciphertext.withBytes { [UInt8](copying: $0) }
    }

    /// With an initialization vector that the protocol tells, which is not part of the outcome; PKCS #7 padding.
    ///
    /// - Parameter vector: 16 bytes.
    public static func encrypt(
        _ plaintext: RawSpan, key: Secret, vector: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let ciphertext = try run(
            plaintext, key: key, vector: try self.vector(vector), encrypting: true, isPadded: true)
        return ciphertext.withBytes { [UInt8](copying: $0) }
    }

    /// Whole blocks, without padding.
    public static func encryptBlocks(
        _ blocks: RawSpan, key: Secret, vector: [UInt8]
    ) throws(CryptoError) -> Secret {
        try run(blocks, key: key, vector: try self.vector(vector), encrypting: true, isPadded: false)
    }

    /// Whole blocks, without padding.
    public static func decryptBlocks(
        _ blocks: RawSpan, key: Secret, vector: [UInt8]
    ) throws(CryptoError) -> Secret {
        try run(blocks, key: key, vector: try self.vector(vector), encrypting: false, isPadded: false)
    }

    private static func vector(_ bytes: [UInt8]) throws(CryptoError) -> Secret {
        guard bytes.count == blockLength else { throw CryptoError(.encrypt, code: .invalidArgument) }
        return Secret(WipedBuffer(bytes))
    }

    /// The plaintext; nil where the length or the padding cannot be one that `key` has made.
    public static func decrypt(_ bytes: [UInt8], key: Secret) throws(CryptoError) -> Secret? {
        guard bytes.count >= 2 * blockLength, bytes.count.isMultiple(of: blockLength) else { return nil }
        let vector = Secret(WipedBuffer(bytes.prefix(blockLength)))
        let padded = try WipedBuffer(bytes.dropFirst(blockLength)).withBytes {
            (ciphertext: RawSpan) throws(CryptoError) in
            try run(ciphertext, key: key, vector: vector, encrypting: false, isPadded: false)
        }
        return padded.withBytes { bytes in
            let padding = Int(bytes[byte: bytes.byteCount - 1])
            guard 1...blockLength ~= padding, padding <= bytes.byteCount else { return nil }
            return Secret(copying: bytes.extracting(first: bytes.byteCount - padding))
        }
    }

    private static func run(
        _ input: RawSpan, key: Secret, vector: Secret, encrypting: Bool, isPadded: Bool
    ) throws(CryptoError) -> Secret {
        guard keyLengths.contains(key.count), input.byteCount < Int32.max else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-\(key.count * 8)-CBC", nil) else {
            throw CryptoError.latest(.encrypt)
        }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let isReady = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                vector.withBytes { vector in
                    unsafe vector.withUnsafeBytes { vector in
                        unsafe EVP_CipherInit_ex2(
                            context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            vector.baseAddress?.assumingMemoryBound(to: UInt8.self), encrypting ? 1 : 0, nil)
                    }
                }
            }
        }
        guard isReady == 1, unsafe EVP_CIPHER_CTX_set_padding(context, isPadded ? 1 : 0) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
        let output = WipedBuffer(capacity: input.byteCount + blockLength)
        try output.append(upTo: input.byteCount + blockLength) { (target: inout MutableRawSpan) throws(CryptoError) in
            var written: Int32 = 0
            var rest: Int32 = 0
            let isDone = unsafe target.withUnsafeMutableBytes { target in
                unsafe input.withUnsafeBytes { input in
                    let start = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    let isUpdated = unsafe EVP_CipherUpdate(
                        context, start, &written, input.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        Int32(input.count))
                    guard isUpdated == 1, let start = unsafe start else { return false }
                    return unsafe EVP_CipherFinal_ex(context, start + Int(written), &rest) == 1
                }
            }
            guard isDone else { throw CryptoError.latest(.encrypt) }
            return Int(written) + Int(rest)
        }
        return Secret(output)
    }
}
