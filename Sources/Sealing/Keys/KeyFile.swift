internal import ByteBuffers

/// Files of recipients or identities, as `age-keygen` writes them: one a line, comments behind `#`.
enum KeyFile {
    private static let comment = UInt8(ascii: "#")

    static func entries<Entry>(
        of file: RawSpan, _ parse: (_ line: RawSpan) throws(SealError) -> Entry
    ) throws(SealError) -> [Entry] {
        var entries: [Entry] = []
        var (start, number) = (0, 0)
        while start < file.byteCount {
            number += 1
            let end = (start..<file.byteCount).first { file.byte(at: $0) == UInt8(ascii: "\n") } ?? file.byteCount
            let line = file.extracting(trimmed(file, start..<end))
            start = end + 1
            guard let first = line.byte(at: 0), first != comment else { continue }
            do throws(SealError) { entries.append(try parse(line)) } catch {
                guard case .malformedKey(let fault, _) = error else { throw error }
                throw .malformedKey(fault, line: number)
            }
        }
        guard !entries.isEmpty else { throw .noKeys }
        return entries
    }

    /// Without white space at both ends, such as the carriage return of another system.
    private static func trimmed(_ file: RawSpan, _ line: Range<Int>) -> Range<Int> {
        var line = line
        while let last = line.last, isSpace(file.byte(at: last)) { line.removeLast() }
        while let first = line.first, isSpace(file.byte(at: first)) { line.removeFirst() }
        return line
    }

    private static func isSpace(_ byte: UInt8?) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
