internal import ByteBuffers

/// Reads JSON strictly: no comments, no trailing commas, no member twice, nothing behind the value but white space and
/// the NUL bytes that OTPClient leaves.
struct JSONParser {
    private var offset = 0
    private var depth = 0

    /// Lists within lists. Backups have six; without a bound, a file of brackets would take the stack.
    private static let deepest = 64

    static func parse(_ text: RawSpan) throws(FormatError) -> JSON {
        var parser = JSONParser()
        parser.offset = LineReader.firstText(of: text).lowerBound
        let value = try parser.value(text)
        parser.skipBlanks(text)
        while parser.offset < text.byteCount, text[byte: parser.offset] == 0 { parser.offset += 1 }
        guard parser.offset == text.byteCount else { throw parser.failure(text) }
        return value
    }

    private mutating func value(_ text: RawSpan) throws(FormatError) -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw failure(text, .unsupported, .tooDeep) }
        skipBlanks(text)
        guard let byte = text.byte(at: offset) else { throw failure(text) }
        switch byte {
        case UInt8(ascii: "{"): return try object(text)
        case UInt8(ascii: "["): return try array(text)
        case UInt8(ascii: "\""): return .string(try string(text))
        case UInt8(ascii: "t"): return try word("true", .bool(true), text)
        case UInt8(ascii: "f"): return try word("false", .bool(false), text)
        case UInt8(ascii: "n"): return try word("null", .null, text)
        default: return try number(text)
        }
    }

    private mutating func object(_ text: RawSpan) throws(FormatError) -> JSON {
        offset += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipBlanks(text)
        if take(UInt8(ascii: "}"), text) { return .object([]) }
        while true {
            skipBlanks(text)
            guard text.byte(at: offset) == UInt8(ascii: "\"") else { throw failure(text) }
            guard let name = try string(text).withBytes({ $0.utf8Text() }) else {
                throw failure(text, .malformed, .notUTF8)
            }
            guard names.insert(name).inserted else { throw failure(text, .duplicate, .givenTwice) }
            skipBlanks(text)
            guard take(UInt8(ascii: ":"), text) else { throw failure(text) }
            members.append(JSON.Member(name: name, value: try value(text)))
            skipBlanks(text)
            if take(UInt8(ascii: "}"), text) { return .object(members) }
            guard take(UInt8(ascii: ","), text) else { throw failure(text) }
        }
    }

    private mutating func array(_ text: RawSpan) throws(FormatError) -> JSON {
        offset += 1
        var elements: [JSON] = []
        skipBlanks(text)
        if take(UInt8(ascii: "]"), text) { return .array([]) }
        while true {
            elements.append(try value(text))
            skipBlanks(text)
            if take(UInt8(ascii: "]"), text) { return .array(elements) }
            guard take(UInt8(ascii: ","), text) else { throw failure(text) }
        }
    }

    private mutating func string(_ text: RawSpan) throws(FormatError) -> WipedBuffer {
        offset += 1
        let string = WipedBuffer(capacity: 32)
        while let byte = text.byte(at: offset) {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return string
            case UInt8(ascii: "\\"): try escape(text, into: string)
            case ..<Self.firstPrintable: throw failure(text)
            default: string.append(byte)
            }
        }
        throw failure(text)
    }

    private mutating func escape(_ text: RawSpan, into string: WipedBuffer) throws(FormatError) {
        guard let byte = text.byte(at: offset) else { throw failure(text) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): string.append(byte)
        case UInt8(ascii: "b"): string.append(Self.backspace)
        case UInt8(ascii: "f"): string.append(Self.formFeed)
        case UInt8(ascii: "n"): string.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): string.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "t"): string.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "u"):
            var units = [try unit(text)]
            if UTF16.isLeadSurrogate(units[0]) {
                guard take(UInt8(ascii: "\\"), text), take(UInt8(ascii: "u"), text) else { throw failure(text) }
                units.append(try unit(text))
            }
            guard let decoded = String(validating: units, as: UTF16.self) else { throw failure(text) }
            string.append(contentsOf: decoded.utf8)
        default: throw failure(text)
        }
    }

    /// Four hexadecimal digits.
    private mutating func unit(_ text: RawSpan) throws(FormatError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = text.byte(at: offset), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure(text)
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    /// Kept as text: counters need all of 64 bits, and no number here has a fraction.
    private mutating func number(_ text: RawSpan) throws(FormatError) -> JSON {
        let start = offset
        while let byte = text.byte(at: offset), Self.numberCharacters.contains(byte) { offset += 1 }
        guard let number = text.extracting(start..<offset).utf8Text(), Double(number) != nil else {
            throw failure(text)
        }
        return .number(number)
    }

    private mutating func word(_ word: StaticString, _ value: JSON, _ text: RawSpan) throws(FormatError) -> JSON {
        let rest = text.extracting(droppingFirst: offset)
        guard rest.starts(withASCII: word) else { throw failure(text) }
        offset += word.utf8CodeUnitCount
        return value
    }

    private mutating func take(_ byte: UInt8, _ text: RawSpan) -> Bool {
        guard text.byte(at: offset) == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipBlanks(_ text: RawSpan) {
        while let byte = text.byte(at: offset), ASCII.isWhitespace(byte) { offset += 1 }
    }

    private func failure(
        _ text: RawSpan, _ code: FormatError.Code = .malformed, _ reason: FormatError.Reason = .notJSON
    ) -> FormatError {
        let line = (0..<min(offset, text.byteCount)).count { text[byte: $0] == UInt8(ascii: "\n") }
        return FormatError(code, reason, line: line + 1)
    }

    private static let numberCharacters = Set("+-.0123456789Ee".utf8)
    private static let firstPrintable = UInt8(ascii: " ")
    private static let backspace: UInt8 = 8
    private static let formFeed: UInt8 = 12
}

extension FormatError.Reason {
    public static let notJSON: Self = "not JSON"
}
