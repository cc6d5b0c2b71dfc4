extension EventDetail {
    /// What the text of a detail says, in its order and without the escapes. A line that is none, which only another
    /// program can have written, has no name.
    public static func values(in text: String) -> [(name: String, value: String)] {
        text.split(separator: "\n").map { line in
            guard let equals = line.firstIndex(of: "=") else { return ("", unescaped(line)) }
            return (String(line[..<equals]), unescaped(line[line.index(after: equals)...]))
        }
    }

    /// The value of a name without the escapes; nil where it has none.
    public static func plainValue(of name: String, in text: String) -> String? {
        value(of: name, in: text).map { unescaped($0[...]) }
    }

    private static func unescaped(_ value: Substring) -> String {
        guard value.utf8.contains(UInt8(ascii: "\\")) else { return String(value) }
        var text = ""
        var rest = value[...]
        while let character = rest.popFirst() {
            guard character == "\\", let kind = rest.first else {
                text.append(character)
                continue
            }
            rest.removeFirst()
            switch kind {
            case "n": text.append("\n")
            case "x":
                let code = rest.prefix(digits)
                guard code.count == digits, let scalar = UInt8(code, radix: 16) else { return String(value) }
                text.unicodeScalars.append(Unicode.Scalar(scalar))
                rest = rest.dropFirst(digits)
            default: text.append(kind)
            }
        }
        return text
    }

    /// Of an escaped control character.
    private static let digits = 2
}
