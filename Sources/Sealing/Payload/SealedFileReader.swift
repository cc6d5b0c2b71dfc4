public import ByteBuffers
public import SecretFormats

/// Opens a sealed file, armored or not, a chunk at a time. Nothing is handed out of a chunk before it is known to be
/// right; that the file is whole is known at its end only.
public final class SealedFileReader: ByteSource {
    private let feed: ByteFeed
    private let payloadKey: Secret
    private var number: UInt64 = 0
    private var isAtEnd = false
    /// Why `read(into:)` failed.
    public private(set) var failure: SealError?
    private let armor: ArmorReader?

    /// Reads the header and finds the file's key.
    public init(_ source: any ByteSource, opening key: OpeningKey) throws(SealError) {
        let outer = ByteFeed(source)
        if try ArmorReader.isNext(in: outer) {
            let armor = ArmorReader(outer)
            self.armor = armor
            feed = ByteFeed(armor)
        } else {
            armor = nil
            feed = outer
        }
        do throws(SealError) {
            let header = try HeaderReader.read(from: feed)
            let fileKey = try header.open(with: key)
            try feed.look(for: FileKey.payloadNonceLength)
            guard feed.count >= FileKey.payloadNonceLength else { throw .truncated }
            let nonce = feed.take(FileKey.payloadNonceLength).withBytes { [UInt8](copying: $0) }
            payloadKey = try fileKey.payloadKey(nonce: nonce)
        } catch {
            throw armor?.failure ?? error
        }
    }

    /// Whether the source begins as a sealed file does, armored or not.
    public static func recognizes(_ start: RawSpan) -> Bool {
        start.begins(with: Header.anyVersion) || ArmorReader.recognizes(start, by: Armor.begin)
    }

    /// Appends the next chunk; false at the end, when the file is known to be whole.
    public func next(into buffer: WipedBuffer) throws(SealError) -> Bool {
        guard !isAtEnd else { return false }
        do throws(SealError) {
            buffer.append(contentsOf: try chunk())
        } catch {
            throw armor?.failure ?? error
        }
        return true
    }

    public func read(into buffer: WipedBuffer) throws(FormatError) {
        let before = buffer.count
        do throws(SealError) {
            while buffer.count == before, try next(into: buffer) {}
        } catch {
            failure = error
            throw FormatError(.unreadable, "the sealed file could not be opened to its end")
        }
    }

    private func chunk() throws(SealError) -> WipedBuffer {
        // One byte more than a chunk tells whether it is the last.
        try feed.look(for: Chunk.sealedLength + 1)
        let isLast = feed.count <= Chunk.sealedLength
        // An empty payload is one chunk of a tag.
        guard feed.count > 0 else { throw .truncated }
        guard let plaintext = try open(isLast: isLast) else {
            // Cut off between two chunks is told from changed, as only the first may be a copy that did not finish.
            if isLast, feed.count == Chunk.sealedLength, try open(isLast: false) != nil { throw .truncated }
            throw .changedChunk(Int(clamping: number) + 1)
        }
        guard !plaintext.isEmpty || number == 0 else { throw .changedChunk(Int(clamping: number) + 1) }
        feed.skip(Chunk.sealedLength)
        number += 1
        isAtEnd = isLast
        return plaintext
    }

    private func open(isLast: Bool) throws(SealError) -> WipedBuffer? {
        let nonce = ChunkNonce.bytes(number: number, isLast: isLast)
        return try feed.withNext(upTo: Chunk.sealedLength) { (sealed: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.chaCha20Poly1305.open(sealed, key: payloadKey, nonce: nonce)
            }
        }
    }
}
