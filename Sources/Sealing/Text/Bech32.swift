internal import ByteBuffers

/// Bech32 (BIP 173) without its limit on the length, as age has it.
///
/// ```
/// human-readable part   names what follows
/// '1'
/// data                  five bits a character, first bit first, the last one filled with zeros
/// checksum              6 characters
/// ```
/// All letters are small or all are capital; the checksum is that of the small ones.
enum Bech32 {
    private static let alphabet: StaticString = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    private static let separator = UInt8(ascii: "1")
    private static let checksumLength = 6
    private static let groupWidth = 5
    private static let groupMask: UInt32 = 0b1_1111
    private static let letterCase: UInt8 = 0b0010_0000
    /// The generator's coefficients, times each bit that leaves the remainder.
    private static let generator: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
    private static let remainderMask: UInt32 = 0x1FF_FFFF
    private static let highShift: UInt32 = 25

    /// Appends the text in small letters.
    static func encode(_ bytes: RawSpan, prefix: StaticString, into text: WipedBuffer) {
        var checksum = Checksum(prefix)
        text.append(prefix)
        text.append(separator)
        var (held, width): (UInt32, Int) = (0, 0)
        func append(_ group: UInt32) {
            checksum.take(group)
            text.append(character(for: group))
        }
        for offset in 0..<bytes.byteCount {
            held = held << UInt32(UInt8.bitWidth) | UInt32(bytes.byte(at: offset) ?? 0)
            width += UInt8.bitWidth
            while width >= groupWidth {
                width -= groupWidth
                append(held >> UInt32(width) & groupMask)
            }
        }
        if width > 0 { append(held << UInt32(groupWidth - width) & groupMask) }
        let sum = checksum.finish()
        for index in (0..<checksumLength).reversed() {
            text.append(character(for: sum >> UInt32(groupWidth * index) & groupMask))
        }
    }

    /// The bytes behind `prefix`, which is in small letters; those of the text may all be capital.
    static func decode(_ text: RawSpan, prefix: StaticString) throws(KeyFault) -> WipedBuffer {
        guard names(prefix, text) else { throw .otherKind }
        guard !mixesCases(text) else { throw .mixedCase }
        let start = prefix.utf8CodeUnitCount + 1
        guard text.byteCount >= start + checksumLength else { throw .length }
        var checksum = Checksum(prefix)
        let bytes = WipedBuffer(capacity: text.byteCount)
        var (held, width): (UInt32, Int) = (0, 0)
        for offset in start..<text.byteCount {
            guard let group = text.byte(at: offset).flatMap(value) else { throw .alphabet }
            checksum.take(group)
            guard offset < text.byteCount - checksumLength else { continue }
            held = held << UInt32(groupWidth) | group
            width += groupWidth
            if width >= UInt8.bitWidth {
                width -= UInt8.bitWidth
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(width)))
            }
        }
        guard checksum.isRight else { throw .checksum }
        // What is left is less than a group, and zero.
        guard width < groupWidth, held & (1 << UInt32(width) - 1) == 0 else { throw .length }
        return bytes
    }

    /// Whether the text begins with `prefix` and the separator, in small letters or in capital ones.
    private static func names(_ prefix: StaticString, _ text: RawSpan) -> Bool {
        let letters = prefix.withUTF8Buffer { unsafe Array($0) } + [separator]
        return letters.indices.allSatisfy { text.byte(at: $0).map(small) == letters[$0] }
    }

    private static func mixesCases(_ text: RawSpan) -> Bool {
        var (hasSmall, hasCapital) = (false, false)
        for offset in 0..<text.byteCount {
            switch text.byte(at: offset) ?? 0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): hasSmall = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasCapital = true
            default: break
            }
        }
        return hasSmall && hasCapital
    }

    private static func small(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | letterCase : byte
    }

    // The whole alphabet is walked through each time: where one stops tells about the secret.
    private static func character(for group: UInt32) -> UInt8 {
        alphabet.withUTF8Buffer { letters in
            var found: UInt8 = 0
            for unsafe(index, letter) in unsafe letters.enumerated() {
                found |= letter & (UInt32(index) == group ? .max : 0)
            }
            return found
        }
    }

    private static func value(of character: UInt8) -> UInt32? {
        let character = small(character)
        return alphabet.withUTF8Buffer { letters in
            var found: UInt32?
            for unsafe(index, letter) in unsafe letters.enumerated() where letter == character {
                found = UInt32(index)
            }
            return found
        }
    }

    /// The remainder of BIP 173's code, a group at a time.
    private struct Checksum {
        private var remainder: UInt32 = 1

        init(_ prefix: StaticString) {
            let letters = prefix.withUTF8Buffer { unsafe Array($0) }
            for letter in letters { take(UInt32(letter) >> UInt32(groupWidth)) }
            take(0)
            for letter in letters { take(UInt32(letter) & groupMask) }
        }

        mutating func take(_ group: UInt32) {
            let high = remainder >> highShift
            remainder = (remainder & remainderMask) << UInt32(groupWidth) ^ group
            for (index, coefficient) in generator.enumerated() where high >> UInt32(index) & 1 == 1 {
                remainder ^= coefficient
            }
        }

        mutating func finish() -> UInt32 {
            for _ in 0..<checksumLength { take(0) }
            return remainder ^ 1
        }

        /// After the checksum was taken too.
        var isRight: Bool { remainder == 1 }
    }
}
