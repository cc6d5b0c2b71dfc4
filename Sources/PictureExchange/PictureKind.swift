internal import ByteBuffers

/// The kinds of picture that are read, by how their files begin.
///
/// ```
/// PNG   89 "PNG" 0D 0A 1A 0A                           PNG specification, section 5.2
/// JPEG  FF D8 FF                                       ITU-T T.81, section B.2.1: SOI and the next marker
/// GIF   "GIF87a" or "GIF89a"                           GIF89a specification, section 17
/// BMP   "BM", size, four bytes 0, offset, header size  BITMAPFILEHEADER; see `isBMP`
/// WebP  "RIFF", size, "WEBP"                           WebP container specification
/// PDF   "%PDF-"                                        ISO 32000-1, section 7.5.2
/// ```
public struct PictureKind: RawRepresentable, Hashable, Sendable {
    /// The name under which gdk-pixbuf knows it.
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let png = PictureKind(rawValue: "png")
    public static let jpeg = PictureKind(rawValue: "jpeg")
    public static let gif = PictureKind(rawValue: "gif")
    public static let bmp = PictureKind(rawValue: "bmp")
    public static let webp = PictureKind(rawValue: "webp")
    public static let pdf = PictureKind(rawValue: "pdf")

    /// What a file is that begins with `start`; nil where it is no picture that is read.
    ///
    /// - Parameter start: the first `longestStart` bytes, or all.
    public static func recognize(_ start: RawSpan) -> PictureKind? {
        if let (kind, _) = signatures.first(where: { start.has($0.bytes, at: 0) }) { return kind }
        if start.has(riff, at: 0), start.has(webpForm, at: webpFormOffset) { return .webp }
        return isBMP(start) ? .bmp : nil
    }

    /// Bytes that are enough to tell.
    public static let longestStart = 32

    private static let signatures: [(kind: PictureKind, bytes: [UInt8])] = [
        (.png, [0x89] + Array("PNG\r\n\u{1A}\n".utf8)), (.jpeg, [0xFF, 0xD8, 0xFF]), (.gif, Array("GIF87a".utf8)),
        (.gif, Array("GIF89a".utf8)), (.pdf, Array("%PDF-".utf8)),
    ]
    private static let riff = Array("RIFF".utf8)
    private static let webpForm = Array("WEBP".utf8)
    private static let webpFormOffset = 8

    /// "BM" may begin a secret in base32, so more is looked at.
    private static func isBMP(_ start: RawSpan) -> Bool {
        start.has(bmpMagic, at: 0) && start.has(bmpReserved, at: bmpReservedOffset)
            && bmpHeaderLengths.contains { start.has([$0, 0, 0, 0], at: bmpHeaderOffset) }
    }

    private static let bmpMagic = Array("BM".utf8)
    private static let bmpReserved: [UInt8] = [0, 0, 0, 0]
    private static let bmpReservedOffset = 6
    private static let bmpHeaderOffset = 14
    /// Bytes of a BITMAPCOREHEADER, BITMAPINFOHEADER, its two Adobe versions, OS22XBITMAPHEADER, BITMAPV4HEADER and
    /// BITMAPV5HEADER.
    private static let bmpHeaderLengths: [UInt8] = [12, 40, 52, 56, 64, 108, 124]
}

extension RawSpan {
    fileprivate func has(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.indices.allSatisfy { byte(at: offset + $0) == bytes[$0] }
    }
}
