internal import ByteBuffers

/// The objects of a list, or objects on lines of their own, in the memory of the longest of them.
///
/// ```
/// [{…}, {…}]        one JSON text
/// {…}\n{…}\n        a JSON text for each; it may have several lines
/// ```
///
/// What ends an object is found by its brackets alone; `JSONParser` then reads it as strictly as a whole file. After
/// an error within one object the next call goes on behind it, unless `isAtEnd` says that there is no way on. A byte order
/// mark is no white space.
package final class JSONObjects {
    private let source: any ByteSource
    /// Holds the object that is being looked at and what was read behind it.
    private var buffer = WipedBuffer()
    private var offset = 0
    private var line = 1
    private var form: Form?
    package private(set) var isAtEnd = false
    /// Objects so far.
    package private(set) var count = 0
    /// The line, from 1, in which the latest object begins.
    package private(set) var firstLine = 1
    /// Bytes in memory between two objects.
    package var heldByteCount: Int { buffer.count }

    private enum Form {
        case list, lines
    }

    /// Bytes of an object.
    package static let longest = LineReader.longestLine

    package init(_ source: any ByteSource) { self.source = source }

    /// Nil at the end.
    package func next() throws(FormatError) -> JSON? {
        guard !isAtEnd else { return nil }
        isAtEnd = true
        guard try isAnotherComing() else { return nil }
        firstLine = line
        let range = try objectRange()
        isAtEnd = false
        count += 1
        do throws(FormatError) {
            return try buffer.withBytes { (bytes: RawSpan) throws(FormatError) in
                try JSONParser.parse(bytes.extracting(range))
            }
        } catch {
            throw error.on(line: firstLine + (error.line ?? 1) - 1)
        }
    }

    /// Goes to the next object, or to the end of the file.
    private func isAnotherComing() throws(FormatError) -> Bool {
        let before = line
        switch (form, try nextByte()) {
        case (nil, UInt8(ascii: "[")?):
            form = .list
            offset += 1
            if try nextByte() == UInt8(ascii: "]") { return try endList() }
        case (nil, UInt8(ascii: "{")?): form = .lines
        case (.list, UInt8(ascii: ",")?): offset += 1
        case (.list, UInt8(ascii: "]")?): return try endList()
        case (.lines, UInt8(ascii: "{")?) where line > before: break
        case (.lines, nil), (nil, nil): return false
        default: throw failure()
        }
        guard try nextByte() == UInt8(ascii: "{") else { throw failure() }
        return true
    }

    /// Only white space may stand behind a list.
    private func endList() throws(FormatError) -> Bool {
        offset += 1
        guard try nextByte() == nil else { throw failure() }
        return false
    }

    /// The next byte that is no white space, left where it is.
    private func nextByte() throws(FormatError) -> UInt8? {
        while true {
            let found = buffer.withBytes { bytes in
                while let byte = bytes.byte(at: offset), ASCII.isWhitespace(byte) {
                    if byte == UInt8(ascii: "\n") { line += 1 }
                    offset += 1
                }
                return bytes.byte(at: offset)
            }
            if let found { return found }
            guard try readMore(keeping: offset) else { return nil }
        }
    }

    /// From the bracket at `offset` to the one that closes it; `offset` is behind it then.
    private func objectRange() throws(FormatError) -> Range<Int> {
        var brackets = JSONBrackets()
        var start = offset
        while true {
            let isClosed = buffer.withBytes { bytes in
                while !brackets.areClosed, let byte = bytes.byte(at: offset) {
                    brackets.take(byte)
                    if byte == UInt8(ascii: "\n") { line += 1 }
                    offset += 1
                }
                return brackets.areClosed
            }
            guard offset - start <= Self.longest else { throw FormatError(.unsupported, .lineTooLong, line: firstLine) }
            if isClosed { return start..<offset }
            guard try readMore(keeping: start) else { throw failure() }
            start = 0
        }
    }

    /// Goes on in a new buffer, which begins with what is still needed.
    ///
    /// - Returns: false at the end of the file.
    private func readMore(keeping start: Int) throws(FormatError) -> Bool {
        let longer = WipedBuffer(capacity: buffer.count - start + Self.longest)
        buffer.withBytes { bytes in longer.append(contentsOf: bytes.extracting(droppingFirst: start)) }
        let kept = longer.count
        try source.read(into: longer)
        buffer = longer
        offset -= start
        return longer.count > kept
    }

    private func failure() -> FormatError { FormatError(.malformed, .notJSON, line: line) }
}

/// Follows the brackets of a JSON text, also over blocks.
private struct JSONBrackets {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private(set) var areClosed = false

    mutating func take(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if isInString {
            isEscaped = byte == UInt8(ascii: "\\")
            isInString = byte != UInt8(ascii: "\"")
        } else {
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            areClosed = depth == 0
        }
    }
}
