internal import ByteBuffers
internal import SecretFormats

/// What an event says beside its kind: `name=value` lines in the order of their names, the same for every store.
///
/// A backslash is doubled, a line feed is `\n`, and another control character is `\x` with two digits, so that each value
/// is one line. What is nil has no line.
public struct EventDetail: Hashable, Sendable {
    private let values: [String: String]

    init(_ values: [String: String?]) { self.values = values.compactMapValues(\.self) }

    public var text: String {
        values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\($0.key)=\(Self.escaped($0.value))" }.joined(separator: "\n")
    }

    /// The value of a name as it stands in the text of a detail, escaped; nil where it has none.
    public static func value(of name: String, in text: String) -> String? {
        let prefix = name + "="
        return text.split(separator: "\n").first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
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

/// Lower case, two digits a byte: not for secrets.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let text = WipedBuffer(capacity: bytes.count * 2)
    WipedBuffer(bytes).withBytes { Hex.encode($0, into: text) }
    return text.withBytes { String(decoding: $0) }
}
