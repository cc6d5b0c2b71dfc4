internal import ByteBuffers
internal import COpenSSL

/// The first and only message of libsodium's `crypto_secretstream_xchacha20poly1305` (its documentation, "Encrypted
/// streams and file encryption").
///
/// ```
/// header    24 bytes: 16 make the subkey, 8 are the nonce's last
/// message   1 byte tag, encrypted; ciphertext; 16 bytes MAC
///
/// subkey    HChaCha20(key, header[0..<16])
/// nonce     1 (32 bits, little-endian), header[16..<24]
/// block 0   of the key stream: the key of Poly1305
/// block 1   its first byte with the tag, 63 more over zeros: authenticated, of which the first byte is sent
/// block 2…  with the plaintext
/// MAC       Poly1305(block 1, ciphertext, padding, 0 (64 bits), 64 + length (64 bits))
/// ```
enum SecretStream {
    static let keyLength = 32
    static let headerLength = 24

    private static let blockLength = 64
    private static let macLength = 16
    private static let tagLength = 1
    /// Bytes of the header that go into the subkey.
    private static let subkeyInputLength = 16
    private static let wordLength = 4
    /// The counter that a stream starts with.
    private static let firstMessage: UInt32 = 1
    /// What a ChaCha20 block starts with (RFC 8439 section 2.3).
    private static let constant: StaticString = "expand 32-byte k"

    /// The plaintext; nil where the MAC is wrong.
    static func open(_ message: [UInt8], key: Secret, header: [UInt8]) throws(CryptoError) -> Secret? {
        guard key.count == keyLength, header.count == headerLength else {
            throw CryptoError(.encrypt, code: .invalidArgument)
        }
        guard message.count >= tagLength + macLength else { return nil }
        let subkey = try hChaCha20(key, Array(header.prefix(subkeyInputLength)))
        let counted = WipedBuffer(capacity: nonceLength)
        counted.append(littleEndian: firstMessage)
        counted.append(contentsOf: header.dropFirst(subkeyInputLength))
        let nonce = counted.withBytes { [UInt8](copying: $0) }
        let ciphertext = message.dropFirst(tagLength).dropLast(macLength)

        let zeros = [UInt8](repeating: 0, count: blockLength)
        let macKey = try stream(zeros[...], key: subkey, counter: 0, nonce: nonce)
        let tagBlock = try stream(
            message.prefix(tagLength) + zeros.dropFirst(tagLength), key: subkey, counter: 1, nonce: nonce)
        let authenticated = WipedBuffer(capacity: message.count + 2 * blockLength)
        // What is authenticated is the encrypted tag, of which `stream` has made the tag.
        authenticated.append(contentsOf: message.prefix(tagLength))
        tagBlock.withBytes { bytes in authenticated.append(contentsOf: bytes.extracting(tagLength..<blockLength)) }
        authenticated.append(contentsOf: ciphertext)
        // Not to the next multiple of 16 but as libsodium does it.
        authenticated.append(repeating: 0, count: ciphertext.count & paddingMask)
        for count in [0, UInt64(blockLength + ciphertext.count)] {
            authenticated.append(littleEndian: UInt32(truncatingIfNeeded: count))
            authenticated.append(littleEndian: UInt32(truncatingIfNeeded: count >> UInt64(UInt32.bitWidth)))
        }
        let mac = try authenticated.withBytes { (bytes: RawSpan) throws(CryptoError) in
            try poly1305(bytes, key: macKey)
        }
        guard ConstantTime.areEqual(mac, Array(message.suffix(macLength))) else { return nil }
        return Secret(try stream(ciphertext, key: subkey, counter: 2, nonce: nonce))
    }

    private static let nonceLength = 12
    private static let paddingMask = 0b1111

    /// The subkey of XChaCha20 (draft-irtf-cfrg-xchacha section 2.2): the words of the state after the rounds, which a
    /// key stream's block shows after the first state was added. So it is taken away again.
    private static func hChaCha20(_ key: Secret, _ input: [UInt8]) throws(CryptoError) -> Secret {
        let block = try run(
            [UInt8](repeating: 0, count: blockLength)[...], key: key, vector: input)
        let state = constant.withUTF8Buffer { unsafe Array($0) } + input
        return try block.withBytes { (block: RawSpan) throws(CryptoError) in
            let subkey = WipedBuffer(capacity: keyLength)
            let rows = Array(0..<subkeyInputLength) + Array(blockLength - subkeyInputLength..<blockLength)
            for index in stride(from: 0, to: rows.count, by: wordLength) {
                subkey.append(littleEndian: word(block, at: rows[index]) &- word(state, at: index))
            }
            return Secret(subkey)
        }
    }

    private static func word(_ bytes: RawSpan, at offset: Int) -> UInt32 {
        (0..<wordLength).reduce(0) { $0 | UInt32(bytes[byte: offset + $1]) << UInt32($1 * UInt8.bitWidth) }
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        (0..<wordLength).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32($1 * UInt8.bitWidth) }
    }

    /// ChaCha20 from block `counter` on (RFC 8439 section 2.4).
    private static func stream(
        _ input: ArraySlice<UInt8>, key: Secret, counter: UInt32, nonce: [UInt8]
    ) throws(CryptoError) -> WipedBuffer {
        let vector = WipedBuffer(capacity: subkeyInputLength)
        vector.append(littleEndian: counter)
        vector.append(contentsOf: nonce)
        return try run(input, key: key, vector: vector.withBytes { [UInt8](copying: $0) })
    }

    /// - Parameter vector: the last row of the state: counter and nonce.
    private static func run(
        _ input: ArraySlice<UInt8>, key: Secret, vector: [UInt8]
    ) throws(CryptoError) -> WipedBuffer {
        let output = WipedBuffer(capacity: input.count)
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "ChaCha20", nil) else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptoError.latest(.encrypt) }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let isReady = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe EVP_EncryptInit_ex2(
                    context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self), vector, nil)
            }
        }
        guard isReady == 1, let length = CInt(exactly: input.count) else { throw CryptoError.latest(.encrypt) }
        guard length > 0 else { return output }
        let bytes = Array(input)
        try output.append(upTo: bytes.count) { (target: inout MutableRawSpan) throws(CryptoError) in
            var written: CInt = 0
            let outcome = unsafe target.withUnsafeMutableBytes { target in
                unsafe EVP_EncryptUpdate(
                    context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &written, bytes, length)
            }
            guard outcome == 1 else { throw CryptoError.latest(.encrypt) }
            return Int(written)
        }
        return output
    }

    /// - Parameter key: a block of the key stream, of which the first 32 bytes are taken.
    private static func poly1305(_ message: RawSpan, key: WipedBuffer) throws(CryptoError) -> [UInt8] {
        guard let poly1305 = unsafe EVP_MAC_fetch(nil, "POLY1305", nil) else {
            throw CryptoError.latest(.authenticate)
        }
        defer { unsafe EVP_MAC_free(poly1305) }
        guard let context = unsafe EVP_MAC_CTX_new(poly1305) else { throw CryptoError.latest(.authenticate) }
        defer { unsafe EVP_MAC_CTX_free(context) }
        let isKeyed = key.withBytes { key in
            unsafe key.extracting(first: keyLength).withUnsafeBytes { key in
                unsafe EVP_MAC_init(
                    context, key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count, nil)
            }
        }
        let isHashed = unsafe message.withUnsafeBytes { message in
            unsafe EVP_MAC_update(context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count)
        }
        var mac = [UInt8](repeating: 0, count: macLength)
        var length = 0
        guard isKeyed == 1, isHashed == 1, unsafe EVP_MAC_final(context, &mac, &length, mac.count) == 1,
            length == mac.count
        else { throw CryptoError.latest(.authenticate) }
        return mac
    }
}
