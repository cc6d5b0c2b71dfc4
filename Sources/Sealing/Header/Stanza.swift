internal import ByteBuffers

/// One wrapping of the file key (C2SP age, "Recipient stanza").
///
/// ```
/// "-> " type *(" " argument) LF
/// body in base64, 64 characters a line; the last line is shorter, and may be empty
/// ```
struct Stanza: Equatable {
    static let bodyColumns = 64
    /// Bytes of a file key as all types wrap it: with the tag of its AEAD.
    static let wrappedKeyLength = FileKey.length + 16
    private static let bytesOfLine = 48

    var type: String
    var arguments: [String]
    var body: [UInt8]

    func write(into text: WipedBuffer) {
        text.append("-> ")
        text.append(contentsOf: Array(([type] + arguments).joined(separator: " ").utf8))
        text.append("\n")
        var rest = body[...]
        while true {
            let line = rest.prefix(Self.bytesOfLine)
            WipedBuffer(line).withBytes { UnpaddedBase64.encode($0, into: text) }
            text.append("\n")
            rest = rest.dropFirst(line.count)
            // A line that is full is never the last one.
            guard line.count == Self.bytesOfLine else { return }
        }
    }
}
