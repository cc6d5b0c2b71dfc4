public import ByteBuffers
public import SecretFormats

/// Seals a file as it comes, in the memory of a chunk and a block.
///
/// ```
/// header      `Header`
/// nonce       16 bytes: the payload key is HKDF-SHA-256(file key, salt = nonce, info = "payload")
/// chunks      each 65536 bytes of the plaintext, the last one what is left; ChaCha20-Poly1305 with `ChunkNonce`
/// ```
/// The order of calls is `start`, any number of `append`, `end`. What was written without `end` is refused by every reader.
public final class SealedFileWriter {
    private let header: WipedBuffer
    private let payloadKey: Secret
    private let armor: ArmorWriter?
    /// Plaintext that is no whole chunk yet, or one that may be the last.
    private var held = WipedBuffer(capacity: Chunk.length)
    private var number: UInt64 = 0

    /// Wraps a new file key for `key`; with a passphrase that takes a second.
    ///
    /// - Parameter isArmored: as text, a third longer.
    public init(
        for key: SealingKey, isArmored: Bool = false, random: some RandomSource = SystemRandom()
    ) throws(SealError) {
        let fileKey = try FileKey(from: random)
        header = WipedBuffer()
        try Header.write(fileKey, for: key, random: random, into: header)
        let nonce = try random.bytes(FileKey.payloadNonceLength)
        header.append(contentsOf: nonce)
        payloadKey = try fileKey.payloadKey(nonce: nonce)
        armor = isArmored ? ArmorWriter() : nil
    }

    public func start(into output: WipedBuffer) {
        armor?.start(into: output)
        put(header, into: output)
    }

    public func append(_ plaintext: WipedBuffer, into output: WipedBuffer) throws(SealError) {
        try plaintext.withBytes { (bytes: RawSpan) throws(SealError) in
            var offset = 0
            while offset < bytes.byteCount {
                // A full chunk waits until it is known that another follows.
                if held.count == Chunk.length { try sealHeld(isLast: false, into: output) }
                let end = min(offset + Chunk.length - held.count, bytes.byteCount)
                held.append(contentsOf: bytes.extracting(offset..<end))
                offset = end
            }
        }
    }

    public func end(into output: WipedBuffer) throws(SealError) {
        try sealHeld(isLast: true, into: output)
        armor?.end(into: output)
    }

    private func sealHeld(isLast: Bool, into output: WipedBuffer) throws(SealError) {
        let sealed = WipedBuffer(capacity: Chunk.sealedLength)
        let nonce = ChunkNonce.bytes(number: number, isLast: isLast)
        try held.withBytes { (plaintext: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.chaCha20Poly1305.seal(plaintext, key: payloadKey, nonce: nonce, into: sealed)
            }
        }
        put(sealed, into: output)
        held = WipedBuffer(capacity: Chunk.length)
        number += 1
    }

    private func put(_ bytes: WipedBuffer, into output: WipedBuffer) {
        if let armor { armor.append(bytes, into: output) } else { output.append(contentsOf: bytes) }
    }
}
