/// Reading text as bytes, without a `String` in between: for input that holds a secret.
extension RawSpan {
    /// The byte at `offset`, which is checked against the bounds.
    subscript(byte offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    var first: UInt8? { isEmpty ? nil : self[byte: 0] }

    /// Where `byte` comes first.
    func firstOffset(of byte: UInt8) -> Int? { (0..<byteCount).first { self[byte: $0] == byte } }

    /// Whether the span begins with the ASCII text `prefix`, capital or small letters alike.
    func starts(withASCII prefix: StaticString) -> Bool {
        guard byteCount >= prefix.utf8CodeUnitCount else { return false }
        return extracting(first: prefix.utf8CodeUnitCount).equals(ascii: prefix)
    }

    /// Whether the span is the ASCII text `text`, capital or small letters alike.
    func equals(ascii text: StaticString) -> Bool {
        text.withUTF8Buffer { letters in
            letters.count == byteCount
                && (0..<byteCount).allSatisfy { unsafe ASCII.lowercase(self[byte: $0]) == ASCII.lowercase(letters[$0]) }
        }
    }

    /// The bytes without what `isOuter` says at both ends.
    func trimmedRange(where isOuter: (UInt8) -> Bool) -> Range<Int> {
        var range = 0..<byteCount
        while let last = range.last, isOuter(self[byte: last]) { range.removeLast() }
        while let first = range.first, isOuter(self[byte: first]) { range.removeFirst() }
        return range
    }

    /// The text as a string; nil when it is not UTF-8. Not for secrets.
    package func utf8Text() -> String? { unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) } }

    /// The character (Unicode scalar) at byte `offset`, counted from 1.
    func characterPosition(at offset: Int) -> Int {
        (0..<Swift.min(offset, byteCount)).count { UTF8.isContinuation(self[byte: $0]) == false } + 1
    }

    /// The character that begins at byte `offset`; nil when it would not show in print or is not UTF-8.
    func printableCharacter(at offset: Int) -> Unicode.Scalar? {
        var end = offset + 1
        while end < byteCount, end < offset + ASCII.longestUTF8, UTF8.isContinuation(self[byte: end]) { end += 1 }
        guard offset >= 0, end <= byteCount else { return nil }
        let scalars = extracting(offset..<end).utf8Text()?.unicodeScalars
        guard let scalar = scalars?.first, scalar.isPrintable else { return nil }
        return scalar
    }
}

extension Unicode.Scalar {
    /// Of the general category Cc, which is these for good (The Unicode Standard, section 23.1); to look the category up takes longer
    /// than all else that is done with a field.
    var isControl: Bool { self < " " || "\u{7F}"..."\u{9F}" ~= self }

    /// Whether the character shows by itself.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
            false
        default: true
        }
    }
}

enum ASCII {
    /// A Unicode scalar takes at most four bytes in UTF-8 (RFC 3629 section 3).
    static let longestUTF8 = 4
    /// The one bit between a capital letter and its small one.
    private static let caseBit: UInt8 = 0b0010_0000

    static func lowercase(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | caseBit : byte
    }

    /// Space, tab and the characters that end a line.
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") }

    /// What people put into a secret to make it readable.
    static func isGrouping(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") }
}
