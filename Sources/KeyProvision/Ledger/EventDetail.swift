/// What an event says beside its kind: `name=value` lines in the order of their names, the same for every store.
///
/// A backslash is doubled, a line feed is `\n`, and another control character is `\x` with two digits, so that each value
/// is one line. What is nil has no line.
public struct EventDetail: Hashable, Sendable {
    /// A name and its value, which has no line where it is nil.
    typealias Line = (name: String, value: String?)

    public let text: String

    init(_ lines: [Line]) {
        var text = ""
        for (name, value) in lines.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            guard let value else { continue }
            if !text.isEmpty { text += "\n" }
            text += name
            text += "="
            text += Self.escaped(value)
        }
        self.text = text
    }

    /// The value of a name as it stands in the text of a detail, escaped; nil where it has none.
    public static func value(of name: String, in text: String) -> String? {
        // By bytes: finding the borders of characters takes longer than all else that a check does with an event.
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            guard line.starts(with: name.utf8) else { continue }
            let value = line.dropFirst(name.utf8.count)
            if value.first == UInt8(ascii: "=") { return String(Substring(value.dropFirst())) }
        }
        return nil
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else { return value }
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case _ where scalar < " " || scalar == "\u{7F}": text += "\\x" + hexadecimal([UInt8(ascii: scalar)])
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// Lower case, two digits a byte: not for secrets, whose digits go through storage that is wiped.
func hexadecimal(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(hexadecimalDigits[Int(byte >> digitWidth)])
        text.append(hexadecimalDigits[Int(byte & lowDigit)])
    }
    return String(decoding: text, as: UTF8.self)
}

private let hexadecimalDigits = Array("0123456789abcdef".utf8)
private let digitWidth: UInt8 = 4
private let lowDigit: UInt8 = 0b1111
