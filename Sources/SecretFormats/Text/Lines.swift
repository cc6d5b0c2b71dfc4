/// The lines of a text format, as programs on every system write them.
enum Lines {
    /// The byte order mark that some editors put before UTF-8 text.
    private static let byteOrderMark: StaticString = "\u{FEFF}"

    /// Calls `body` with each line that is not blank and its number, counted from 1.
    ///
    /// Line ends are LF or CR LF, the last one may be missing; spaces and tabs around a line are left out, and so is a
    /// byte order mark at the start. Errors of `body` get the line's number.
    static func forEach(
        in text: RawSpan, _ body: (_ line: RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) {
        var rest = withoutByteOrderMark(text)
        var number = 0
        while !rest.isEmpty {
            number += 1
            let span = text.extracting(rest)
            let end = span.firstOffset(of: UInt8(ascii: "\n")) ?? span.byteCount
            let line = span.extracting(first: end)
            let content = line.extracting(line.trimmedRange(where: ASCII.isWhitespace))
            if !content.isEmpty {
                do throws(FormatError) { try body(content) } catch { throw error.on(line: number) }
            }
            rest = min(rest.lowerBound + end + 1, rest.upperBound)..<rest.upperBound
        }
    }

    /// Where the text begins: after a byte order mark.
    static func withoutByteOrderMark(_ text: RawSpan) -> Range<Int> {
        (text.starts(withASCII: byteOrderMark) ? byteOrderMark.utf8CodeUnitCount : 0)..<text.byteCount
    }
}
