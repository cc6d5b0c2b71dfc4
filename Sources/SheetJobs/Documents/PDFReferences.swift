/// Finds the references to objects in a dictionary of a PDF file (ISO 32000-1, section 7.3.10): `NUMBER 0 R`.
enum PDFReferences {
    enum Piece {
        case bytes(ArraySlice<UInt8>)
        /// - key: the word before it.
        case reference(Int, key: String)
    }

    private static let suffix = Array(" 0 R".utf8)
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let mostDigits = 7

    static func forEach(in head: ArraySlice<UInt8>, _ body: (Piece) -> Void) {
        var (start, offset) = (head.startIndex, head.startIndex)
        var word = ""
        while offset < head.endIndex {
            let byte = head[offset]
            if byte == UInt8(ascii: "(") {
                offset = end(ofString: head, from: offset)
            } else if digits.contains(byte) {
                let number = head[offset...].prefix { digits.contains($0) }
                guard number.count <= mostDigits, head[number.endIndex...].starts(with: suffix),
                    let value = Int(String(decoding: number, as: UTF8.self))
                else {
                    offset = number.endIndex
                    continue
                }
                body(.bytes(head[start..<offset]))
                body(.reference(value, key: word))
                offset = number.endIndex + suffix.count
                start = offset
            } else if byte == UInt8(ascii: "/") {
                let name = head[offset...].prefix { $0 > UInt8(ascii: " ") }
                word = String(decoding: name, as: UTF8.self)
                offset = name.endIndex
            } else {
                offset += 1
            }
        }
        body(.bytes(head[start...]))
    }

    /// A string in parentheses may look like anything; cairo puts a backslash before parentheses and backslashes in it.
    private static func end(ofString head: ArraySlice<UInt8>, from start: Int) -> Int {
        var offset = start + 1
        while offset < head.endIndex, head[offset] != UInt8(ascii: ")") {
            offset += head[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(offset + 1, head.endIndex)
    }
}
