public import ByteBuffers
internal import COpenSSL

/// Authenticated encryption with associated data (RFC 5116): AES-256-GCM (NIST SP 800-38D) and ChaCha20-Poly1305
/// (RFC 8439), which take keys, nonces and tags of the same lengths.
///
/// ```
/// ciphertext   as long as the plaintext
/// tag          16 bytes, over the associated data and the ciphertext
/// ```
public struct AEAD: Sendable {
    public static let aes256GCM = AEAD(cipher: .aes256GCM)
    public static let chaCha20Poly1305 = AEAD(cipher: .chaCha20Poly1305)

    public static let keyLength = 32
    public static let nonceLength = 12
    public static let tagLength = 16

    fileprivate let cipher: FetchedAlgorithm

    /// Appends the ciphertext with its tag. No two plaintexts may share both key and nonce.
    ///
    /// - Parameters:
    ///   - nonce: 12 bytes.
    ///   - associatedData: what is not in the ciphertext and must be the same when it is opened.
    public func seal(
        _ plaintext: RawSpan, key: Secret, nonce: [UInt8], associatedData: [UInt8] = [], into output: WipedBuffer
    ) throws(CryptoError) {
        let run = try AEADRun(self, key: key, nonce: nonce, isSealing: true)
        try run.authenticate(associatedData)
        try run.update(plaintext, into: output)
        guard run.finish() else { throw CryptoError.latest(.encrypt) }
        output.append(contentsOf: try run.tag())
    }

    /// The plaintext of a ciphertext with its tag; nil where the tag is wrong: another key, nonce or associated data, or
    /// changed bytes.
    public func open(
        _ sealed: RawSpan, key: Secret, nonce: [UInt8], associatedData: [UInt8] = []
    ) throws(CryptoError) -> WipedBuffer? {
        guard sealed.byteCount >= Self.tagLength else { return nil }
        let length = sealed.byteCount - Self.tagLength
        let run = try AEADRun(self, key: key, nonce: nonce, isSealing: false)
        try run.authenticate(associatedData)
        let plaintext = WipedBuffer(capacity: length)
        try run.update(sealed.extracting(first: length), into: plaintext)
        try run.expect(tag: [UInt8](copying: sealed.extracting(droppingFirst: length)))
        guard run.finish() else {
            ERR_clear_error()
            return nil
        }
        return plaintext
    }

    /// The ciphertext with its tag, without associated data.
    func seal(_ plaintext: RawSpan, key: Secret, nonce: [UInt8]) throws(CryptoError) -> [UInt8] {
        let sealed = WipedBuffer(capacity: plaintext.byteCount + Self.tagLength)
        try seal(plaintext, key: key, nonce: nonce, into: sealed)
        return sealed.withBytes { [UInt8](copying: $0) }
    }

    func open(_ sealed: [UInt8], key: Secret, nonce: [UInt8]) throws(CryptoError) -> Secret? {
        let plaintext = try WipedBuffer(sealed).withBytes { (sealed: RawSpan) throws(CryptoError) in
            try open(sealed, key: key, nonce: nonce)
        }
        return plaintext.map { Secret($0) }
    }
}

/// One run of the cipher.
@safe private final class AEADRun {
    private let context: OpaquePointer

    init(_ algorithm: AEAD, key: Secret, nonce: [UInt8], isSealing: Bool) throws(CryptoError) {
        guard key.count == AEAD.keyLength, nonce.count == AEAD.nonceLength else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        guard let cipher = unsafe algorithm.cipher.pointer, let context = unsafe EVP_CIPHER_CTX_new() else {
            throw CryptoError.latest(.encrypt)
        }
        unsafe self.context = context
        let outcome = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe EVP_CipherInit_ex2(
                    context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce, isSealing ? 1 : 0,
                    nil)
            }
        }
        guard outcome == 1 else { throw CryptoError.latest(.encrypt) }
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// To be called before `update`.
    func authenticate(_ associatedData: [UInt8]) throws(CryptoError) {
        guard !associatedData.isEmpty else { return }
        guard let length = CInt(exactly: associatedData.count) else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        var none: CInt = 0
        guard unsafe EVP_CipherUpdate(context, nil, &none, associatedData, length) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
    }

    /// Appends what comes out for `input`; when opening, not to be used before `finish` was right.
    func update(_ input: RawSpan, into output: WipedBuffer) throws(CryptoError) {
        guard !input.isEmpty else { return }
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
    }

    func expect(tag: [UInt8]) throws(CryptoError) {
        var tag = tag
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
        var tag = [UInt8](repeating: 0, count: AEAD.tagLength)
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(tag.count), &tag) == 1 else {
            throw CryptoError.latest(.encrypt)
        }
        return tag
    }
}
