public import ByteBuffers

/// Where the bytes of a file come from, block by block.
public protocol ByteSource: AnyObject {
    /// Appends the next bytes to `buffer`, at least one unless the end is reached.
    ///
    /// A source that fails throws `FormatError(.unreadable, …)` and keeps the cause for who made it.
    func read(into buffer: WipedBuffer) throws(FormatError)
}

/// A file that is in memory already.
public final class BufferSource: ByteSource {
    private let buffer: WipedBuffer
    private var offset = 0

    /// Handed out at a time, so that readers of memory and of files take the same steps.
    private static let blockLength = 1 << 16

    public init(_ buffer: WipedBuffer) { self.buffer = buffer }

    public convenience init(copying bytes: RawSpan) {
        let buffer = WipedBuffer(capacity: bytes.byteCount)
        buffer.append(contentsOf: bytes)
        self.init(buffer)
    }

    public func read(into target: WipedBuffer) {
        let end = min(offset + Self.blockLength, buffer.count)
        buffer.withBytes { bytes in target.append(contentsOf: bytes.extracting(offset..<end)) }
        offset = end
    }
}

extension FormatError.Code {
    /// The file could not be read to its end.
    public static let unreadable = Self(rawValue: "unreadable")
}
