internal import ByteBuffers

/// The lines of a text file, as programs on every system write them, in the memory of one block.
///
/// Line ends are LF or CR LF, the last one may be missing; a byte order mark at the start is left out.
package final class LineReader {
    private let source: any ByteSource
    private let keepsTabs: Bool
    /// Holds the line that is being looked for and what was read behind it.
    private var buffer = WipedBuffer()
    private var start = 0
    private var isAtEnd = false
    /// Of the latest line, counted from 1.
    package private(set) var number = 0
    /// Bytes in memory.
    package var heldByteCount: Int { buffer.count }

    /// Bytes of a line. The longest that a format here has is a page of a migration, with some thousand; more is no text
    /// file, and would have to be held in memory.
    package static let longestLine = 1 << 16

    private static let byteOrderMark: StaticString = "\u{FEFF}"

    /// - Parameter keepsTabs: where a tab at an end of a line is not blank, but stands between two cells.
    package init(_ source: any ByteSource, keepsTabs: Bool = false) {
        self.source = source
        self.keepsTabs = keepsTabs
    }

    /// Calls `body` with the next line that is not blank, without white space around it; nil at the end.
    ///
    /// Errors of `body` get the line's number.
    package func next<Result>(_ body: (_ line: RawSpan) throws(FormatError) -> Result) throws(FormatError) -> Result? {
        while let range = try nextRange() {
            let outcome = try buffer.withBytes { (bytes: RawSpan) throws(FormatError) -> Result? in
                let line = bytes.extracting(range)
                let content = line.extracting(
                    line.trimmedRange {
                        ASCII.isWhitespace($0) && !(keepsTabs && $0 == UInt8(ascii: "\t"))
                    })
                guard !content.isEmpty else { return nil }
                do throws(FormatError) { return try body(content) } catch { throw error.on(line: number) }
            }
            if let outcome { return outcome }
        }
        return nil
    }

    /// Where the next line stands in the buffer.
    private func nextRange() throws(FormatError) -> Range<Int>? {
        var searched = start
        while true {
            let end = buffer.withBytes { $0.extracting(droppingFirst: searched).firstOffset(of: UInt8(ascii: "\n")) }
            if let end { return line(endingAt: searched + end, next: searched + end + 1) }
            if isAtEnd { return start < buffer.count ? line(endingAt: buffer.count, next: buffer.count) : nil }
            searched = buffer.count - start
            try readMore()
        }
    }

    private func line(endingAt end: Int, next: Int) -> Range<Int> {
        defer { start = next }
        number += 1
        guard number == 1 else { return start..<end }
        let mark = buffer.withBytes { bytes in
            bytes.starts(withASCII: Self.byteOrderMark) ? Self.byteOrderMark.utf8CodeUnitCount : 0
        }
        return min(start + mark, end)..<end
    }

    /// Goes on in a new buffer, which begins with what is not a line yet.
    private func readMore() throws(FormatError) {
        let rest = buffer.count - start
        guard rest <= Self.longestLine else {
            throw FormatError(.unsupported, .lineTooLong, line: number + 1)
        }
        let longer = WipedBuffer(capacity: rest + Self.longestLine)
        buffer.withBytes { bytes in longer.append(contentsOf: bytes.extracting(droppingFirst: start)) }
        try source.read(into: longer)
        isAtEnd = longer.count == rest
        buffer = longer
        start = 0
    }

    /// The start of a text file without a byte order mark and white space.
    static func firstText(of file: RawSpan) -> Range<Int> {
        let mark = file.starts(withASCII: byteOrderMark) ? byteOrderMark.utf8CodeUnitCount : 0
        let inner = file.extracting(mark..<file.byteCount).trimmedRange(where: ASCII.isWhitespace)
        return (mark + inner.lowerBound)..<(mark + inner.upperBound)
    }
}

extension FormatError.Reason {
    public static let lineTooLong: Self = "longer than 65536 bytes"
}
