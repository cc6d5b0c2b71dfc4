public import ByteBuffers

/// Base32 (RFC 4648 section 6): five bits a character, `A`…`Z` for 0…25, `2`…`7` for 26…31.
///
/// Out: upper case, no padding. In: either case, spaces and dashes anywhere, any number of `=` at the end. What is
/// refused: other characters, a length that no bytes encode to, and bits set in the last character that no byte takes
/// (two texts would stand for one secret).
public enum Base32 {
    /// The text of `bytes`: 8 characters for 5 bytes.
    public static func encode(_ bytes: RawSpan, into text: WipedBuffer) {
        encode(bytes, into: text, groupLength: Int.max)
    }

    /// The text of `secret`, as secret as it is.
    public static func encode(_ secret: Secret) -> Secret { encode(secret, groupLength: Int.max) }

    /// The text of `secret` for reading aloud and typing: groups of `length` characters with single spaces between.
    public static func groups(of secret: Secret, length: Int = 4) -> Secret {
        encode(secret, groupLength: max(length, 1))
    }

    /// The bytes that `text` stands for; none when it is empty.
    public static func decode(_ text: RawSpan) throws(FormatError) -> Secret {
        let bytes = WipedBuffer(capacity: text.byteCount * bitsPerCharacter / UInt8.bitWidth)
        var pending: UInt16 = 0
        var pendingBits = 0
        var letters = 0
        var lastLetter = 0
        var isPadded = false
        for offset in 0..<text.byteCount {
            let byte = text[byte: offset]
            if ASCII.isGrouping(byte) { continue }
            if byte == padding {
                isPadded = true
                continue
            }
            guard let value = value(of: byte) else {
                throw FormatError(
                    .malformed, .outsideAlphabet, position: text.characterPosition(at: offset),
                    character: text.printableCharacter(at: offset))
            }
            guard !isPadded else {
                throw FormatError(.malformed, .afterPadding, position: text.characterPosition(at: offset))
            }
            letters += 1
            lastLetter = offset
            pending = pending << UInt16(bitsPerCharacter) | UInt16(value)
            pendingBits += bitsPerCharacter
            if pendingBits >= UInt8.bitWidth {
                pendingBits -= UInt8.bitWidth
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt16(pendingBits)))
                pending &= (1 << UInt16(pendingBits)) - 1
            }
        }
        // A whole unused character would be left over after 1, 3 or 6 characters of a group of eight.
        guard pendingBits < bitsPerCharacter else { throw FormatError(.malformed, .impossibleLength) }
        guard pending == 0 else {
            throw FormatError(.malformed, .trailingBits, position: text.characterPosition(at: lastLetter))
        }
        if isPadded, letters == 0 { throw FormatError(.malformed, .impossibleLength) }
        return Secret(bytes)
    }

    private static let bitsPerCharacter = 5
    private static let characterMask: UInt16 = 0b1_1111
    private static let padding = UInt8(ascii: "=")
    /// How many values are letters; the digits follow, from `2` on.
    private static let letterCount: UInt8 = 26

    private static func encode(_ secret: Secret, groupLength: Int) -> Secret {
        let text = WipedBuffer(capacity: secret.count * 2 + 8)
        secret.withBytes { bytes in encode(bytes, into: text, groupLength: groupLength) }
        return Secret(text)
    }

    private static func encode(_ bytes: RawSpan, into text: WipedBuffer, groupLength: Int) {
        var pending: UInt16 = 0
        var pendingBits = 0
        var room = groupLength
        func put(_ value: UInt16) {
            if room == 0 {
                text.append(UInt8(ascii: " "))
                room = groupLength
            }
            room -= 1
            text.append(character(for: UInt8(truncatingIfNeeded: value & characterMask)))
        }
        for offset in 0..<bytes.byteCount {
            pending = pending << UInt16(UInt8.bitWidth) | UInt16(bytes[byte: offset])
            pendingBits += UInt8.bitWidth
            while pendingBits >= bitsPerCharacter {
                pendingBits -= bitsPerCharacter
                put(pending >> UInt16(pendingBits))
            }
        }
        if pendingBits > 0 { put(pending << UInt16(bitsPerCharacter - pendingBits)) }
    }

    // Computed rather than looked up: a table's access times depend on the secret.
    private static func character(for value: UInt8) -> UInt8 {
        value < letterCount ? UInt8(ascii: "A") + value : UInt8(ascii: "2") + (value - letterCount)
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch ASCII.lowercase(character) {
        case let letter where UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter: letter - UInt8(ascii: "a")
        case let digit where UInt8(ascii: "2")...UInt8(ascii: "7") ~= digit: digit - UInt8(ascii: "2") + letterCount
        default: nil
        }
    }
}

extension FormatError.Reason {
    public static let afterPadding: Self = "text after the padding"
    public static let impossibleLength: Self = "a length that no bytes encode to"
    public static let trailingBits: Self = "unused bits of the last character are not zero"
}
