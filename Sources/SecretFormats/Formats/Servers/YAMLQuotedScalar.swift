internal import ByteBuffers

/// A text in double quotation marks on one line (YAML 1.2.2 section 7.3.1).
struct YAMLQuotedScalar {
    private var offset = 1

    /// - Parameter text: begins with the quotation mark.
    mutating func read(_ text: RawSpan) throws(FormatError) -> WipedBuffer {
        let value = WipedBuffer(capacity: text.byteCount)
        while let byte = text.byte(at: offset) {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                try YAMLPair.requireEnd(text, offset)
                return value
            case UInt8(ascii: "\\"): try escape(text, into: value)
            default: value.append(byte)
            }
        }
        throw FormatError(.malformed, .openQuote)
    }

    private mutating func escape(_ text: RawSpan, into value: WipedBuffer) throws(FormatError) {
        guard let byte = text.byte(at: offset) else { throw FormatError(.malformed, .openQuote) }
        offset += 1
        if let scalar = Self.escapes[byte] {
            value.append(contentsOf: String(scalar).utf8)
            return
        }
        let count: Int
        switch byte {
        case UInt8(ascii: "x"): count = 2
        case UInt8(ascii: "u"): count = 4
        case UInt8(ascii: "U"): count = 8
        default: throw FormatError(.malformed, .otherYAML)
        }
        var number: UInt32 = 0
        for _ in 0..<count {
            guard let digit = text.byte(at: offset).flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw FormatError(.malformed, .otherYAML)
            }
            number = number << 4 | UInt32(digit)
            offset += 1
        }
        guard let scalar = Unicode.Scalar(number) else { throw FormatError(.malformed, .otherYAML) }
        value.append(contentsOf: String(scalar).utf8)
    }

    /// Section 5.7.
    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "t"): "\t",
        UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{B}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "r"): "\r",
        UInt8(ascii: "e"): "\u{1B}", UInt8(ascii: " "): " ", UInt8(ascii: "\""): "\"", UInt8(ascii: "/"): "/",
        UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}", UInt8(ascii: "_"): "\u{A0}",
        UInt8(ascii: "L"): "\u{2028}",
        UInt8(ascii: "P"): "\u{2029}",
    ]
}
