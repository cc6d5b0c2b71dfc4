public import ByteBuffers

/// Frames out of the blocks in which a pipe gives them.
public final class SheetFrames {
    private var held = WipedBuffer()
    /// Bytes at the start of what is held that were given out.
    private var offset = 0

    public init() {}

    public func add(_ block: WipedBuffer) {
        let rest = WipedBuffer(capacity: held.count - offset + block.count)
        held.withBytes { rest.append(contentsOf: $0.extracting(offset..<$0.byteCount)) }
        rest.append(contentsOf: block)
        (held, offset) = (rest, 0)
    }

    /// - Returns: nil where the next frame is not complete.
    public func next() throws(SheetWireError) -> (tag: SheetTag, payload: WipedBuffer)? {
        try held.withBytes { bytes throws(SheetWireError) in
            let rest = bytes.extracting(offset..<bytes.byteCount)
            guard let (tag, length) = try SheetFrame.header(rest), rest.byteCount >= length else { return nil }
            offset += length
            let payload = WipedBuffer(capacity: length)
            payload.append(contentsOf: rest.extracting(SheetFrame.headerLength..<length))
            return (tag, payload)
        }
    }
}
