import ByteBuffers
import SecretFormats

/// Finds out in which form a roster is: by its first character, and by the row that names the columns.
enum RosterStart {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// Of UTF-16, which spreadsheets call "Unicode text".
    private static let otherMarks: [[UInt8]] = [[0xFE, 0xFF], [0xFF, 0xFE]]
    private static let blanks = Set(" \t\r\n".utf8)
    /// Of several that occur as often, the first.
    private static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    static func rows(of source: any ByteSource) -> any RosterRows {
        let start: [UInt8]
        do throws(FormatError) { start = try firstLine(of: source) } catch {
            return FailedRoster(RosterError(.unreadable))
        }
        guard !otherMarks.contains(where: { start.starts(with: $0) }) else {
            return FailedRoster(RosterError(.notText, at: RosterPlace(line: 1, row: nil)))
        }
        let whole = StartedSource(start, then: source)
        switch start.first(where: { !blanks.contains($0) }) {
        case nil where start.count <= LineReader.longestLine: return FailedRoster(RosterError(.empty))
        case UInt8(ascii: "{"), UInt8(ascii: "["): return RosterObjects(JSONObjects(whole))
        default: return RosterTable(QuotedRows(whole, separator: separator(in: start)))
        }
    }

    /// The start, at least to the end of the first line that is not blank, unless that is longer than any that is read. A byte
    /// order mark is left out.
    private static func firstLine(of source: any ByteSource) throws(FormatError) -> [UInt8] {
        let start = WipedBuffer()
        while true {
            let count = start.count
            try source.read(into: start)
            var bytes = start.withBytes { [UInt8](copying: $0) }
            if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
            let hasLine = bytes.drop { blanks.contains($0) }.contains(UInt8(ascii: "\n"))
            if start.count == count || start.count > LineReader.longestLine || hasLine { return bytes }
        }
    }

    /// The one of which the first line has the most outside of quotation marks.
    private static func separator(in start: [UInt8]) -> UInt8 {
        var counts = [Int](repeating: 0, count: separators.count)
        var isQuoted = false
        for byte in start.drop(while: { blanks.contains($0) }) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted { break }
            if !isQuoted, let index = separators.firstIndex(of: byte) { counts[index] += 1 }
        }
        let most = counts.max() ?? 0
        return zip(separators, counts).first { $0.1 == most }?.0 ?? UInt8(ascii: ",")
    }
}

/// A source that was looked into.
private final class StartedSource: ByteSource {
    private var start: [UInt8]
    private let rest: any ByteSource

    init(_ start: [UInt8], then rest: any ByteSource) { (self.start, self.rest) = (start, rest) }

    func read(into buffer: WipedBuffer) throws(FormatError) {
        guard start.isEmpty else {
            buffer.append(contentsOf: start)
            start = []
            return
        }
        try rest.read(into: buffer)
    }
}

/// A roster without rows, for a reason.
private final class FailedRoster: RosterRows {
    private var error: RosterError?
    let heldByteCount = 0

    init(_ error: RosterError) { self.error = error }

    func next() -> RosterRow? {
        defer { error = nil }
        return error.map { RosterRow($0.place ?? RosterPlace(line: 1, row: nil), problems: [$0]) }
    }
}
