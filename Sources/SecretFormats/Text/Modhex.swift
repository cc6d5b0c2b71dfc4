public import ByteBuffers

/// Yubico's modified hexadecimal: sixteen letters that lie on the same keys of most keyboards, `c` for 0 up to `v` for
/// 15 (Yubico, "OTPs Explained"). Out: lower case. In: either case, spaces and dashes anywhere.
public enum Modhex {
    private static let alphabet = NibbleAlphabet("cbdefghijklnrtuv")

    public static func encode(_ bytes: RawSpan, into text: WipedBuffer) { alphabet.encode(bytes, into: text) }

    /// The text of `secret`, as secret as it is.
    public static func encode(_ secret: Secret) -> Secret { alphabet.encode(secret) }

    /// The bytes that `text` stands for; none when it is empty.
    public static func decode(_ text: RawSpan) throws(FormatError) -> Secret { try alphabet.decode(text) }
}
