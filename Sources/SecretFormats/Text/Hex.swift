public import ByteBuffers

/// Hexadecimal digits, two a byte (RFC 4648 section 8). Out: lower case. In: either case, spaces and dashes anywhere.
public enum Hex {
    private static let alphabet = NibbleAlphabet("0123456789abcdef")

    public static func encode(_ bytes: RawSpan, into text: WipedBuffer) { alphabet.encode(bytes, into: text) }

    /// The text of `secret`, as secret as it is.
    public static func encode(_ secret: Secret) -> Secret { alphabet.encode(secret) }

    /// The bytes that `text` stands for; none when it is empty.
    public static func decode(_ text: RawSpan) throws(FormatError) -> Secret { try alphabet.decode(text) }
}
