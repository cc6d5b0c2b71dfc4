internal import ByteBuffers
internal import COpenSSL
internal import SecretFormats

/// The function X25519 (RFC 7748 section 5).
enum X25519 {
    /// Bytes of a private key, a public key and a shared secret.
    static let length = 32

    static func publicKey(of privateKey: Secret) throws(SealError) -> [UInt8] {
        let key = try Key(privateKey)
        var bytes = [UInt8](repeating: 0, count: length)
        var count = length
        guard unsafe EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count) == 1, count == length else {
            throw failure
        }
        return bytes
    }

    /// Nil where the public key is a point of small order: then the result would be zero whatever the private key is.
    static func sharedSecret(of privateKey: Secret, with publicKey: [UInt8]) throws(SealError) -> Secret? {
        let (key, peer) = (try Key(privateKey), try Key(publicKey))
        guard let context = unsafe EVP_PKEY_CTX_new(key.pointer, nil) else { throw failure }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_derive_init(context) == 1, unsafe EVP_PKEY_derive_set_peer(context, peer.pointer) == 1
        else { throw failure }
        var isDerived = false
        let secret = Secret(count: length) { output in
            var count = length
            isDerived = unsafe output.withUnsafeMutableBytes { output in
                unsafe EVP_PKEY_derive(
                    context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1 && count == length
            }
        }
        // OpenSSL refuses a zero result itself; whether it does is not left to its version.
        guard isDerived, secret != Secret(count: length, filling: { _ in }) else {
            ERR_clear_error()
            return nil
        }
        return secret
    }

    private static var failure: SealError {
        defer { ERR_clear_error() }
        return .cryptography(CryptoError(.deriveKey, code: CryptoError.Code(rawValue: UInt(ERR_peek_last_error()))))
    }

    /// A key as OpenSSL holds it; it wipes its copy.
    @safe private final class Key {
        let pointer: OpaquePointer

        init(_ privateKey: Secret) throws(SealError) {
            let pointer = unsafe privateKey.withBytes { bytes in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe EVP_PKEY_new_raw_private_key(
                        EVP_PKEY_X25519, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
                }
            }
            guard let pointer = unsafe pointer else { throw failure }
            unsafe self.pointer = pointer
        }

        init(_ publicKey: [UInt8]) throws(SealError) {
            guard
                let pointer = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, publicKey.count)
            else { throw failure }
            unsafe self.pointer = pointer
        }

        deinit { unsafe EVP_PKEY_free(pointer) }
    }
}
