public import ByteBuffers

/// An entry of a directory as a line of a roster: a JSON object (RFC 8259).
///
/// Values go through as the bytes that they are; whether they are text is for the reader of the roster to say.
public struct DirectoryRow {
    private let row = WipedBuffer(capacity: 256)
    private var columns: Set<String> = []

    public init() { row.append("{") }

    /// Columns of which the first value is taken where there are several. Of an account or a serial number the second one is as
    /// good as the first, so all are told, which the reader refuses.
    private static let descriptive: Set<String> = ["name", "email", "department"]

    /// Adds the values of an attribute, unless the column has one already.
    public mutating func add(_ column: String, _ values: [[UInt8]]) {
        let values = values.filter { !$0.isEmpty }
        guard let first = values.first, columns.insert(column).inserted else { return }
        if columns.count > 1 { row.append(",") }
        string(Array(column.utf8))
        row.append(":")
        guard values.count > 1, !Self.descriptive.contains(column) else { return string(first) }
        row.append("[")
        for (index, value) in values.enumerated() {
            if index > 0 { row.append(",") }
            string(value)
        }
        row.append("]")
    }

    /// The whole line.
    public func line() -> WipedBuffer {
        let line = WipedBuffer(capacity: row.count + 2)
        line.append(contentsOf: row)
        line.append("}\n")
        return line
    }

    private func string(_ bytes: [UInt8]) {
        row.append("\"")
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                row.append("\\")
                row.append(byte)
            case ..<Self.firstPrintable:
                row.append(byte < 0x10 ? "\\u000" : "\\u00")
                row.append(contentsOf: String(byte, radix: 16).utf8)
            default: row.append(byte)
            }
        }
        row.append("\"")
    }

    private static let firstPrintable = UInt8(ascii: " ")
}
