/// Rows in columns, a page after another: a column gets wider where a later page needs it, so that no more than one page
/// is in memory.
struct Columns {
    private var widths: [Int]

    /// Spaces between two columns.
    private static let gap = "  "

    init(count: Int) { widths = Array(repeating: 0, count: count) }

    /// - Parameter rows: as many cells each as there are columns; each is made safe for a terminal.
    mutating func text(_ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(TerminalText.safe) }
        for row in rows { widths = zip(widths, row).map { max($0, $1.count) } }
        return rows.map(line).joined()
    }

    private func line(_ row: [String]) -> String {
        let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let line = cells.joined(separator: Self.gap)
        return line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)] + "\n"
    }
}
