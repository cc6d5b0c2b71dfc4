internal import ByteBuffers
internal import SecretFormats

/// The bytes of a source with as much of them in sight as a reader wants, in the memory of that and one block.
final class ByteFeed {
    private let source: any ByteSource
    private var window = WipedBuffer(capacity: 1 << 17)
    private var start = 0
    private var isAtEnd = false

    init(_ source: any ByteSource) { self.source = source }

    /// Bytes in sight.
    var count: Int { window.count - start }

    /// Brings `needed` bytes into sight, or all that are left.
    func look(for needed: Int) throws(SealError) {
        while count < needed, !isAtEnd {
            if start > 0 {
                let rest = WipedBuffer(capacity: max(needed, 1 << 17))
                window.withBytes { rest.append(contentsOf: $0.extracting(droppingFirst: start)) }
                (window, start) = (rest, 0)
            }
            let before = window.count
            do throws(FormatError) { try source.read(into: window) } catch { throw .unreadable }
            isAtEnd = window.count == before
        }
    }

    /// Calls `body` with the next bytes, `limit` at most of those in sight.
    func withNext<Result, Failure: Error>(
        upTo limit: Int = .max, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let length = min(limit, count)
        return try window.withBytes { (bytes: RawSpan) throws(Failure) in
            try body(bytes.extracting(start..<start + length))
        }
    }

    func skip(_ length: Int) { start += min(length, count) }

    /// The next line with its line feed, taken; nil where none ends within `limit` bytes.
    func line(limit: Int) throws(SealError) -> WipedBuffer? {
        var searched = 0
        while true {
            let end = withNext(upTo: limit) { bytes in
                (searched..<max(searched, bytes.byteCount)).first { bytes.byte(at: $0) == UInt8(ascii: "\n") }
            }
            if let end { return take(end + 1) }
            searched = count
            guard searched < limit, !isAtEnd else { return nil }
            try look(for: searched + 1)
        }
    }

    /// The next `length` bytes of those in sight, taken.
    func take(_ length: Int) -> WipedBuffer {
        let taken = WipedBuffer(capacity: length)
        withNext(upTo: length) { taken.append(contentsOf: $0) }
        skip(length)
        return taken
    }
}
