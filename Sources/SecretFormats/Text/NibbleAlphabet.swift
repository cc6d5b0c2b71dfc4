internal import ByteBuffers

/// Sixteen letters for four bits each, the high half of a byte first: what hexadecimal and modhex share.
struct NibbleAlphabet: Sendable {
    private let letters: [UInt8]

    /// - Parameter letters: sixteen small letters or digits, for 0 up to 15.
    init(_ letters: StaticString) {
        self.letters = letters.withUTF8Buffer { unsafe Array($0) }
        precondition(self.letters.count == 1 << Self.bitsPerLetter)
    }

    func encode(_ bytes: RawSpan, into text: WipedBuffer) {
        for offset in 0..<bytes.byteCount {
            let byte = bytes[byte: offset]
            text.append(letters[Int(byte >> Self.bitsPerLetter)])
            text.append(letters[Int(byte & Self.lowMask)])
        }
    }

    func encode(_ secret: Secret) -> Secret {
        let text = WipedBuffer(capacity: secret.count * 2)
        secret.withBytes { bytes in encode(bytes, into: text) }
        return Secret(text)
    }

    func decode(_ text: RawSpan) throws(FormatError) -> Secret {
        let bytes = WipedBuffer(capacity: text.byteCount / 2)
        var high: UInt8?
        for offset in 0..<text.byteCount {
            let byte = text[byte: offset]
            if ASCII.isGrouping(byte) { continue }
            guard let index = letters.firstIndex(of: ASCII.lowercase(byte)) else {
                throw FormatError(
                    .malformed, .outsideAlphabet, position: text.characterPosition(at: offset),
                    character: text.printableCharacter(at: offset))
            }
            if let first = high {
                bytes.append(first << Self.bitsPerLetter | UInt8(index))
                high = nil
            } else {
                high = UInt8(index)
            }
        }
        guard high == nil else { throw FormatError(.malformed, .impossibleLength) }
        return Secret(bytes)
    }

    private static let bitsPerLetter: UInt8 = 4
    private static let lowMask: UInt8 = 0b1111
}
