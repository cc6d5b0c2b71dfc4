internal import ByteBuffers
internal import SecretFormats

/// Base64 as age's header has it (C2SP age, "Conventions"): in one piece, canonical, without padding.
enum UnpaddedBase64 {
    private static let padding = UInt8(ascii: "=")
    private static let groupLength = 4

    static func encode(_ bytes: RawSpan, into text: WipedBuffer) {
        let padded = WipedBuffer(capacity: bytes.byteCount * 2)
        Base64.encode(bytes, into: padded)
        padded.withBytes { padded in
            var end = padded.byteCount
            while end > 0, padded.byte(at: end - 1) == padding { end -= 1 }
            text.append(contentsOf: padded.extracting(first: end))
        }
    }

    /// Nil where it is not what `encode` writes.
    static func decode(_ text: RawSpan) -> [UInt8]? {
        // The decoder below passes over white space, and wants padding.
        for offset in 0..<text.byteCount {
            guard let byte = text.byte(at: offset), byte > UInt8(ascii: " "), byte != padding else { return nil }
        }
        let padded = WipedBuffer(capacity: text.byteCount + groupLength)
        padded.append(contentsOf: text)
        padded.append(repeating: padding, count: (groupLength - text.byteCount % groupLength) % groupLength)
        return padded.withBytes { padded in
            let bytes = WipedBuffer(capacity: padded.byteCount)
            do throws(FormatError) { try Base64.decode(padded, into: bytes) } catch { return nil }
            return bytes.withBytes { [UInt8](copying: $0) }
        }
    }

    static func text(_ bytes: [UInt8]) -> String {
        let text = WipedBuffer()
        WipedBuffer(bytes).withBytes { encode($0, into: text) }
        return text.withBytes { String(decoding: $0) }
    }

    static func bytes(_ text: String) -> [UInt8]? { WipedBuffer(Array(text.utf8)).withBytes { decode($0) } }
}
