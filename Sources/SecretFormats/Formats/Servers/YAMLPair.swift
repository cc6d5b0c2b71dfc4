internal import ByteBuffers

/// A line of a flat YAML mapping (YAML 1.2.2), `name: value`, where the value is on the same line.
///
/// ```
/// name: plain text            up to the end, or a blank and #
/// name: 'it''s'               two quotation marks for one
/// name: "a\tb é"              the escapes of section 5.7
/// name: null                  also ~ and nothing
/// ```
///
/// Anchors, aliases, tags, lists and mappings in a line, and texts over several lines are refused.
struct YAMLPair {
    let name: String
    /// UTF-8; nil for null. It may be a secret.
    let value: WipedBuffer?

    /// - Parameter line: without blanks around it, but those in front.
    init(_ line: RawSpan) throws(FormatError) {
        let content = line.extracting(line.trimmedRange(where: ASCII.isBlank))
        guard let colon = content.firstOffset(of: UInt8(ascii: ":")),
            let name = content.extracting(first: colon).utf8Text(), name.utf8.allSatisfy(Self.isNameCharacter)
        else { throw FormatError(.malformed, .otherYAML) }
        let rest = content.extracting(droppingFirst: colon + 1)
        guard rest.isEmpty || ASCII.isBlank(rest[byte: 0]) else { throw FormatError(.malformed, .otherYAML) }
        self.name = name
        value = try Self.value(of: rest.extracting(rest.trimmedRange(where: ASCII.isBlank)))
    }

    /// Whether a line is the first of an element of a list.
    static func beginsElement(_ line: RawSpan) -> Bool {
        line.first == UInt8(ascii: "-") && line.byte(at: 1).map(ASCII.isBlank) == true
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || byte == UInt8(ascii: "_")
    }

    private static func value(of text: RawSpan) throws(FormatError) -> WipedBuffer? {
        guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
        switch first {
        case UInt8(ascii: "\""):
            var scalar = YAMLQuotedScalar()
            return try scalar.read(text)
        case UInt8(ascii: "'"): return try singleQuoted(text)
        default: return try plain(text)
        }
    }

    private static func plain(_ text: RawSpan) throws(FormatError) -> WipedBuffer? {
        var end = 0
        while end < text.byteCount {
            let byte = text[byte: end]
            if byte == UInt8(ascii: "#"), end > 0, ASCII.isBlank(text[byte: end - 1]) { break }
            // A mapping within the value.
            if byte == UInt8(ascii: ":"), text.byte(at: end + 1).map(ASCII.isBlank) ?? true {
                throw FormatError(.unsupported, .otherYAML)
            }
            end += 1
        }
        let field = text.extracting(first: end)
        let content = field.extracting(field.trimmedRange(where: ASCII.isBlank))
        guard let first = content.first, !indicators.contains(first) else {
            throw FormatError(.unsupported, .otherYAML)
        }
        if content.equals(ascii: "null") || content.equals(ascii: "~") { return nil }
        let value = WipedBuffer(capacity: content.byteCount)
        value.append(contentsOf: content)
        return value
    }

    private static func singleQuoted(_ text: RawSpan) throws(FormatError) -> WipedBuffer {
        let value = WipedBuffer(capacity: text.byteCount)
        let quote = UInt8(ascii: "'")
        var offset = 1
        while let byte = text.byte(at: offset) {
            offset += 1
            if byte == quote {
                guard text.byte(at: offset) == quote else {
                    try requireEnd(text, offset)
                    return value
                }
                offset += 1
            }
            value.append(byte)
        }
        throw FormatError(.malformed, .openQuote)
    }

    /// Nothing but blanks and a comment may follow a text in quotation marks.
    static func requireEnd(_ text: RawSpan, _ offset: Int) throws(FormatError) {
        let rest = text.extracting(droppingFirst: offset)
        let content = rest.extracting(rest.trimmedRange(where: ASCII.isBlank))
        let isComment = content.first == UInt8(ascii: "#") && rest.first.map(ASCII.isBlank) == true
        guard content.isEmpty || isComment else { throw FormatError(.malformed, .otherYAML) }
    }

    /// Characters that a plain text cannot begin with (section 5.3), and the minus sign of a list.
    private static let indicators = Set("-?:,[]{}#&*!|>'\"%@`".utf8)

    /// The text in double quotation marks. What YAML does not count as printable is escaped (section 5.1).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case " "..."~", "\u{A0}"..."\u{2027}", "\u{202A}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}",
                "\u{FF00}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        }
        return quoted + "\""
    }
}

extension FormatError.Reason {
    public static let otherYAML: Self = "not a line of the YAML that such files have"
}
