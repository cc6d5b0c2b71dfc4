import ByteBuffers
import PictureExchange
import Testing

@Suite struct PictureKindTests {
    private static let riff = Array("RIFF".utf8) + [0x10, 0x20, 0, 0]
    private static let bmp = Array("BM".utf8) + [0x36, 0x30, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, 40, 0, 0, 0]

    @Test(arguments: [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], PictureKind.png), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
        (Array("GIF87a".utf8), .gif), (Array("GIF89a".utf8), .gif), (Array("%PDF-1.7".utf8), .pdf),
        (riff + Array("WEBPVP8L".utf8), .webp), (bmp, .bmp),
    ])
    func `A file's first bytes tell its kind, and none fewer do`(_ start: [UInt8], _ kind: PictureKind) {
        #expect(Self.recognize(start) == kind)
        #expect(Self.recognize(Array(start.prefix(2))) == nil)
        var wrong = start
        wrong[0] ^= 1
        #expect(Self.recognize(wrong) == nil)
        #expect(start.count <= PictureKind.longestStart)
    }

    @Test(arguments: ["BMXX GEZD GNBV GY3T QOJQ GEZD GNBV", "RIFF", "otpauth://totp/a", "", "{}", "<?xml"])
    func `Text is no picture, whatever letters it begins with`(_ text: String) {
        #expect(Self.recognize(Array(text.utf8)) == nil)
    }

    private static func recognize(_ bytes: [UInt8]) -> PictureKind? {
        WipedBuffer(bytes).withBytes { PictureKind.recognize($0) }
    }
}
