import ByteBuffers
import SecretFormats

/// A secret as people copy it from a page: any case, in groups, over several lines, with spaces that are none of ASCII.
enum BareSecret {
    /// Longer text is no secret that somebody copied.
    static let longest = 512

    /// UTF-8 of the spaces beyond ASCII that pages put between groups, each to be one space: no-break space, the spaces
    /// U+2000 to U+200B and the narrow no-break space.
    private static let spaces: [[UInt8]] =
        [[0xC2, 0xA0], [0xE2, 0x80, 0xAF]] + (0x80...0x8B).map { [0xE2, 0x80, $0] }

    static let formatName = "base32"

    /// The text with plain spaces. Each character stays where it was, so that positions in errors are right.
    static func withPlainSpaces(_ text: Secret) -> Secret {
        let plain = WipedBuffer(capacity: text.count)
        text.withBytes { bytes in
            var offset = 0
            while let byte = bytes.byte(at: offset) {
                let space = spaces.first { space in
                    space.indices.allSatisfy { bytes.byte(at: offset + $0) == space[$0] }
                }
                plain.append(space == nil ? byte : UInt8(ascii: " "))
                offset += space?.count ?? 1
            }
        }
        return Secret(plain)
    }

    /// The lines of the text as one, each character where it was.
    static func joined(_ text: Secret) -> Secret {
        let line = WipedBuffer(capacity: text.count)
        text.withBytes { bytes in
            for offset in 0..<bytes.byteCount {
                let byte = bytes.byte(at: offset) ?? UInt8(ascii: " ")
                line.append(breaks.contains(byte) ? UInt8(ascii: " ") : byte)
            }
        }
        return Secret(line)
    }

    private static let breaks = [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t")]
}
