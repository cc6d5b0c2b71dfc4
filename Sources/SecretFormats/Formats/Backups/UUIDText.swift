internal import ByteBuffers

/// Random identities (RFC 9562 section 5.4).
enum UUIDText {
    private static let length = 16
    private static let versionOffset = 6
    private static let variantOffset = 8
    private static let version: UInt8 = 0b0100_0000
    private static let versionMask: UInt8 = 0b1111
    private static let variant: UInt8 = 0b1000_0000
    private static let variantMask: UInt8 = 0b0011_1111
    /// Digits between the dashes.
    private static let groups = [8, 4, 4, 4, 12]

    static func bytes(_ options: EncodingOptions) throws(FormatError) -> [UInt8] {
        var bytes = try BackupCipher.random(length, options)
        bytes[versionOffset] = bytes[versionOffset] & versionMask | version
        bytes[variantOffset] = bytes[variantOffset] & variantMask | variant
        return bytes
    }

    /// As in `f81d4fae-7dec-41d0-a765-00a0c91e6bf6`.
    static func random(_ options: EncodingOptions) throws(FormatError) -> String {
        let text = WipedBuffer(capacity: length * 2)
        WipedBuffer(try bytes(options)).withBytes { Hex.encode($0, into: text) }
        var digits = text.withBytes { $0.utf8Text() ?? "" }[...]
        return groups.map { count in
            defer { digits = digits.dropFirst(count) }
            return String(digits.prefix(count))
        }.joined(separator: "-")
    }
}
