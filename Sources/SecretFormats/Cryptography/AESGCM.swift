internal import ByteBuffers
internal import COpenSSL

/// AES-256 in Galois/counter mode (NIST SP 800-38D) without associated data, as backups of apps have it.
///
/// ```
/// ciphertext   as long as the plaintext
/// tag          16 bytes
/// ```
enum AESGCM {
    static let keyLength = 32
    static let nonceLength = 12
    static let tagLength = 16

    /// The ciphertext with its tag. No two plaintexts may share both key and nonce.
    static func seal(_ plaintext: RawSpan, key: Secret, nonce: [UInt8]) throws(CryptoError) -> [UInt8] {
        let context = try GCMContext(key: key, nonce: nonce, encrypting: true)
        let ciphertext = try context.update(plaintext)
        guard context.finish() else { throw CryptoError.latest(.encrypt) }
        return ciphertext.withBytes { [UInt8](copying: $0) } + (try context.tag())
    }

    /// The plaintext of a ciphertext with its tag; nil where the tag is wrong: another key, or a changed file.
    static func open(_ sealed: [UInt8], key: Secret, nonce: [UInt8]) throws(CryptoError) -> Secret? {
        guard sealed.count >= tagLength else { return nil }
        let context = try GCMContext(key: key, nonce: nonce, encrypting: false)
        let plaintext = try WipedBuffer(sealed.dropLast(tagLength)).withBytes {
            (ciphertext: RawSpan) throws(CryptoError) in try context.update(ciphertext)
        }
        try context.expect(tag: sealed.suffix(tagLength))
        guard context.finish() else {
            ERR_clear_error()
            return nil
        }
        return Secret(plaintext)
    }
}

/// One run of the cipher.
@safe private final class GCMContext {
    private let context: OpaquePointer

    init(key: Secret, nonce: [UInt8], encrypting: Bool) throws(CryptoError) {
        guard key.count == AESGCM.keyLength, nonce.count == AESGCM.nonceLength else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptoError.latest(.encrypt) }
        unsafe self.context = context
        let outcome = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe EVP_CipherInit_ex2(
                    context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce, encrypting ? 1 : 0,
                    nil)
            }
        }
        guard outcome == 1 else { throw CryptoError.latest(.encrypt) }
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// What comes out for `input`; when decrypting, not to be used before `finish` was right.
    func update(_ input: RawSpan) throws(CryptoError) -> WipedBuffer {
        let output = WipedBuffer(capacity: input.byteCount)
        guard !input.isEmpty else { return output }
        guard let length = CInt(exactly: input.byteCount) else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        try output.append(upTo: input.byteCount) { (target: inout MutableRawSpan) throws(CryptoError) in
            var written: CInt = 0
            let outcome = unsafe target.withUnsafeMutableBytes { target in
                unsafe input.withUnsafeBytes { input in
                    unsafe EVP_CipherUpdate(
                        context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
                        input.baseAddress?.assumingMemoryBound(to: UInt8.self), length)
                }
            }
            guard outcome == 1 else { throw CryptoError.latest(.encrypt) }
            return Int(written)
        }
        return output
    }

    func expect(tag: ArraySlice<UInt8>) throws(CryptoError) {
        var tag = Array(tag)
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(tag.count), &tag) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
    }

    /// False where the tag is wrong. A mode without blocks has no output left.
    func finish() -> Bool {
        var none: UInt8 = 0
        var written: CInt = 0
        return unsafe EVP_CipherFinal_ex(context, &none, &written) == 1
    }

    func tag() throws(CryptoError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AESGCM.tagLength)
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(tag.count), &tag) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
        return tag
    }
}
