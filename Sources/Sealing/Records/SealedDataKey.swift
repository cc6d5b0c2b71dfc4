internal import ByteBuffers
public import SecretFormats

/// The data key of a run as it is stored: a binary age file of its 32 bytes.
public enum SealedDataKey {
    /// The same data key for other recipients, so that the records of its run stay as they are. Whoever could open `sealed`, and
    /// has a copy of it, still can.
    ///
    /// - Throws: `.malformedRecord` where the file holds no data key, and what a sealed file is refused with.
    public static func reseal(
        _ sealed: [UInt8], opening: OpeningKey, to key: SealingKey, random: any RandomSource = SystemRandom()
    ) throws(SealError) -> [UInt8] {
        try seal(try open(sealed, opening), to: key, random: random)
    }

    static func seal(_ dataKey: Secret, to key: SealingKey, random: any RandomSource) throws(SealError) -> [UInt8] {
        let file = WipedBuffer()
        let writer = try SealedFileWriter(for: key, random: random)
        writer.start(into: file)
        let contents = WipedBuffer(capacity: dataKey.count)
        dataKey.withBytes { contents.append(contentsOf: $0) }
        try writer.append(contents, into: file)
        try writer.end(into: file)
        return file.withBytes { [UInt8](copying: $0) }
    }

    static func open(_ sealed: [UInt8], _ key: OpeningKey) throws(SealError) -> Secret {
        let reader = try SealedFileReader(BufferSource(WipedBuffer(sealed)), opening: key)
        let contents = WipedBuffer()
        while contents.count <= AEAD.keyLength, try reader.next(into: contents) {}
        guard contents.count == AEAD.keyLength else { throw .malformedRecord }
        return Secret(contents)
    }
}
