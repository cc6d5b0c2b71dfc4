internal import ByteBuffers

/// Percent-encoding of URIs (RFC 3986 section 2.1).
enum PercentEncoding {
    /// Appends `text` as UTF-8; all but the unreserved characters (section 2.3) become `%` and two upper-case digits.
    static func encode(_ text: String, into output: WipedBuffer) {
        for byte in text.utf8 { encode(byte, into: output) }
    }

    static func encode(_ byte: UInt8, into output: WipedBuffer) {
        if isUnreserved(byte) {
            output.append(byte)
        } else {
            output.append(UInt8(ascii: "%"))
            output.append(upperCaseDigit(byte >> bitsPerDigit))
            output.append(upperCaseDigit(byte & digitMask))
        }
    }

    /// Undoes percent-encoding once.
    ///
    /// - Parameter plusIsSpace: in a query, where HTML forms write `+` for a space.
    static func decode(_ text: RawSpan, plusIsSpace: Bool) throws(FormatError) -> WipedBuffer {
        let output = WipedBuffer(capacity: text.byteCount)
        var offset = 0
        while offset < text.byteCount {
            let byte = text[byte: offset]
            if byte == UInt8(ascii: "%") {
                guard offset + 2 < text.byteCount, let high = digit(text[byte: offset + 1]),
                    let low = digit(text[byte: offset + 2])
                else {
                    throw FormatError(.malformed, .badPercent, position: text.characterPosition(at: offset))
                }
                output.append(high << bitsPerDigit | low)
                offset += 3
            } else {
                output.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                offset += 1
            }
        }
        return output
    }

    private static let bitsPerDigit: UInt8 = 4
    private static let digitMask: UInt8 = 0b1111

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch ASCII.lowercase(byte) {
        case let digit where UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit: digit - UInt8(ascii: "0")
        case let digit where UInt8(ascii: "a")...UInt8(ascii: "f") ~= digit: digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension FormatError.Reason {
    public static let badPercent: Self = "a percent sign without two hexadecimal digits"
}
