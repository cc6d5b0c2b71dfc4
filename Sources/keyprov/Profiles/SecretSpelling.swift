import ByteBuffers
import SecretFormats

/// How a secret is written for who types or pastes it.
struct SecretSpelling: Equatable, Sendable {
    var isLowerCase = false
    /// Characters between two spaces; nil for one word.
    var groupLength: Int? = 4
    /// Whether `=` fills up the last group of eight (RFC 4648 section 6).
    var isPadded = false

    private static let blockLength = 8

    /// As people read it.
    func text(of secret: Secret) -> Secret { spell(secret, groupLength: groupLength) }

    /// As programs hand it on: the same characters without spaces.
    func plainText(of secret: Secret) -> Secret { spell(secret, groupLength: nil) }

    private func spell(_ secret: Secret, groupLength: Int?) -> Secret {
        let letters = WipedBuffer(capacity: secret.count * 2 + Self.blockLength)
        Base32.encode(secret).withBytes { letters.append(contentsOf: $0) }
        if isPadded {
            let rest = letters.count % Self.blockLength
            letters.append(repeating: UInt8(ascii: "="), count: rest == 0 ? 0 : Self.blockLength - rest)
        }
        let text = WipedBuffer(capacity: letters.count * 2)
        letters.withBytes { bytes in
            for offset in 0..<bytes.byteCount {
                guard let letter = bytes.byte(at: offset) else { continue }
                if let groupLength, offset > 0, offset.isMultiple(of: groupLength) { text.append(UInt8(ascii: " ")) }
                text.append(isLowerCase ? Self.lowercase(letter) : letter)
            }
        }
        return Secret(text)
    }

    /// The one bit between a capital letter and its small one.
    private static let caseBit: UInt8 = 0b0010_0000

    private static func lowercase(_ letter: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter ? letter | caseBit : letter
    }
}
