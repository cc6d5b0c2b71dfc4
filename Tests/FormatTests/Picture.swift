/// What a terminal would show of a QR code in text: `true` is a dark module.
struct Picture {
    let rows: [[Bool]]

    /// From half blocks; escape sequences are left out.
    init(halfBlocks text: String, inkIsDark: Bool) {
        rows = text.split(separator: "\n").flatMap { line in
            let characters = Self.withoutEscapes(line)
            return [
                characters.map { ("█▀".contains($0)) == inkIsDark },
                characters.map { ("█▄".contains($0)) == inkIsDark },
            ]
        }
    }

    /// From two characters a module.
    init(ascii text: String, inkIsDark: Bool) {
        rows = text.split(separator: "\n").map { line in
            let characters = Array(line)
            return stride(from: 0, to: characters.count, by: 2).map { (characters[$0] == "#") == inkIsDark }
        }
    }

    /// A binary portable graymap (netpbm, pgm(5)).
    func pgm(scale: Int) -> [UInt8] {
        let width = (rows.first?.count ?? 0) * scale
        let pixels = rows.flatMap { row in
            let line = row.flatMap { Array(repeating: $0 ? UInt8.min : .max, count: scale) }
            return Array(repeating: line, count: scale).flatMap(\.self)
        }
        return Array("P5\n\(width) \(rows.count * scale)\n255\n".utf8) + pixels
    }

    /// Without `ESC [ … m`.
    private static func withoutEscapes(_ line: Substring) -> [Character] {
        var isEscape = false
        return line.filter { character in
            if character == "\u{1B}" { isEscape = true }
            defer { if character == "m" { isEscape = false } }
            return !isEscape
        }
    }
}
