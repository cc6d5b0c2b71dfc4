internal import ByteBuffers

/// Where the objects of a file are (ISO 32000-1, section 7.5.4), in four bytes each: an offset from where its part
/// begins.
struct PDFTable {
    private struct Part {
        let start: Int
        /// By number less that of the part's first object; `missing` where it has not come.
        var offsets: [UInt32] = []
    }

    private static let missing = UInt32.max

    /// By number less one, for objects of the whole file, which come last.
    private var common: [Int]
    private var finished: [Part] = []
    private var current = Part(start: 0)
    /// Objects of the whole file and of finished parts.
    private var countBefore: Int

    /// - Parameter common: how many objects, numbered from 1, belong to no part.
    init(common count: Int) {
        common = Array(repeating: 0, count: count)
        countBefore = count
    }

    /// The highest number.
    var count: Int { countBefore + current.offsets.count }

    mutating func newNumber() -> Int {
        current.offsets.append(Self.missing)
        return count
    }

    /// - Parameter offset: in the file.
    mutating func set(_ number: Int, offset: Int) {
        let index = number - countBefore - 1
        if common.indices.contains(number - 1) {
            common[number - 1] = offset
        } else if current.offsets.indices.contains(index) {
            current.offsets[index] = UInt32(clamping: offset - current.start)
        }
    }

    /// - Parameter length: of the file so far, where the next part begins.
    /// - Returns: false where an object of the part has not come.
    mutating func endPart(at length: Int) -> Bool {
        guard !current.offsets.contains(Self.missing) else { return false }
        countBefore = count
        // What the array has room for beyond its elements would stay to the end.
        finished.append(Part(start: current.start, offsets: Array(current.offsets[...])))
        current = Part(start: length)
        return true
    }

    /// The table as it stands in the file, part by part.
    func forEachBlock(_ put: (WipedBuffer) throws -> Void) rethrows {
        let head = WipedBuffer()
        head.append(contentsOf: "xref\n0 \(count + 1)\n0000000000 65535 f \n".utf8)
        for offset in common { Self.append(offset, to: head) }
        try put(head)
        for part in finished {
            let block = WipedBuffer(capacity: part.offsets.count * Self.lineLength)
            for offset in part.offsets { Self.append(part.start + Int(offset), to: block) }
            try put(block)
        }
    }

    private static let offsetDigits = 10
    private static let lineLength = 20

    private static func append(_ offset: Int, to block: WipedBuffer) {
        let digits = String(offset).utf8
        block.append(repeating: UInt8(ascii: "0"), count: max(offsetDigits - digits.count, 0))
        block.append(contentsOf: digits)
        block.append(" 00000 n \n")
    }
}
