internal import ByteBuffers
internal import CSodium

/// The first and only message of libsodium's `crypto_secretstream_xchacha20poly1305` (its documentation, "Encrypted
/// streams and file encryption").
///
/// ```
/// header    24 bytes: 16 make the subkey, 8 are the nonce's last
/// message   1 byte tag, encrypted; ciphertext; 16 bytes MAC
/// ```
enum SecretStream {
    static let keyLength = 32
    static let headerLength = 24

    /// What a message has beside its ciphertext: tag and MAC.
    private static let overhead = 17
    /// What the library returns when all is well.
    private static let success: CInt = 0

    /// The plaintext; nil where the MAC is wrong. The message's tag, which says whether more follow, is not looked at:
    /// Ente's exports have one message.
    static func open(_ message: [UInt8], key: Secret, header: [UInt8]) throws(CryptoError) -> Secret? {
        guard key.count == keyLength, header.count == headerLength else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        guard message.count >= overhead else { return nil }
        // 1 says that it was set up before, by another thread for instance.
        guard sodium_init() >= success else { throw CryptoError(.encrypt, code: .unknown) }
        var state = crypto_secretstream_xchacha20poly1305_state()
        defer { unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
        let isReady = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                guard let key = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
                return unsafe crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key) == success
            }
        }
        guard isReady else { throw CryptoError(.encrypt, code: .unknown) }
        let plaintext = WipedBuffer(capacity: message.count)
        var isOpened = false
        plaintext.append(upTo: message.count) { target in
            unsafe target.withUnsafeMutableBytes { target in
                var length: UInt64 = 0
                let outcome = unsafe crypto_secretstream_xchacha20poly1305_pull(
                    &state, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length, nil, message,
                    UInt64(message.count), nil, 0)
                isOpened = outcome == success
                return isOpened ? Int(clamping: length) : 0
            }
        }
        return isOpened ? Secret(plaintext) : nil
    }
}
