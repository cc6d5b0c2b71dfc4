public import ByteBuffers

/// Base64 (RFC 4648 section 4): six bits a character, `A`…`Z`, `a`…`z`, `0`…`9`, `+`, `/`. Out: with padding, in one
/// line. In: with its padding, white space anywhere; unused bits of the last character must be zero.
public enum Base64 {
    public static func encode(_ bytes: RawSpan, into text: WipedBuffer) {
        var offset = 0
        while offset < bytes.byteCount {
            let count = min(3, bytes.byteCount - offset)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[byte: offset + index]) : 0) }
            for index in 0..<4 {
                let value = UInt8(truncatingIfNeeded: group >> UInt32(6 * (3 - index))) & valueMask
                text.append(index <= count ? character(for: value) : padding)
            }
            offset += count
        }
    }

    /// The bytes that `text` stands for; none when it is empty.
    public static func decode(_ text: RawSpan) throws(FormatError) -> Secret {
        let bytes = WipedBuffer(capacity: text.byteCount / 4 * 3 + 3)
        try decode(text, into: bytes)
        return Secret(bytes)
    }

    /// Appends the bytes that `text` stands for; after an error, those in front of it.
    public static func decode(_ text: RawSpan, into bytes: WipedBuffer) throws(FormatError) {
        var group: UInt32 = 0
        var letters = 0
        var paddings = 0
        var last = 0
        for offset in 0..<text.byteCount {
            let byte = text[byte: offset]
            if ASCII.isWhitespace(byte) { continue }
            if byte == padding {
                paddings += 1
                continue
            }
            guard let value = value(of: byte) else {
                throw FormatError(
                    .malformed, .outsideAlphabet, position: text.characterPosition(at: offset),
                    character: text.printableCharacter(at: offset))
            }
            guard paddings == 0 else {
                throw FormatError(.malformed, .afterPadding, position: text.characterPosition(at: offset))
            }
            letters += 1
            last = offset
            group = group << 6 | UInt32(value)
            if letters.isMultiple(of: 4) {
                append(group, count: 3, to: bytes)
                group = 0
            }
        }
        let rest = letters % 4
        guard rest != 1, paddings == (4 - rest) % 4 else { throw FormatError(.malformed, .impossibleLength) }
        if rest > 0 {
            group <<= UInt32(6 * (4 - rest))
            let unused = group & (rest == 2 ? 0xFFFF : 0xFF)
            guard unused == 0 else {
                throw FormatError(.malformed, .trailingBits, position: text.characterPosition(at: last))
            }
            append(group, count: rest - 1, to: bytes)
        }
    }

    private static let valueMask: UInt8 = 0b11_1111
    private static let padding = UInt8(ascii: "=")

    private static func append(_ group: UInt32, count: Int, to bytes: WipedBuffer) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index))) }
    }

    // Computed rather than looked up: a table's access times depend on the secret.
    private static func character(for value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
