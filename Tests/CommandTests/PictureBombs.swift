import Foundation

/// A PNG file whose header claims a size.
enum PNGBomb {
    /// - Parameter isWhole: with all rows, black, as 1 bit a pixel, in blocks that zlib made of zeros.
    static func file(width: Int, height: Int, isWhole: Bool = false) throws -> [UInt8] {
        // IHDR: width, height, bit depth 1, gray, deflate, adaptive filters, not interlaced.
        let header = bigEndian(width) + bigEndian(height) + [1, 0, 0, 0, 0]
        let length = isWhole ? (width / 8 + 1) * height : 1_000
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", deflated(zeros: length)) + chunk("IEND", [])
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func chunk(_ type: String, _ contents: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + contents
        return bigEndian(contents.count) + checked + bigEndian(Int(crc32(checked)))
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// zlib stream (RFC 1950) with the fixed codes of deflate (RFC 1951): a zero, then matches of 258 zeros.
    private static func deflated(zeros count: Int) -> [UInt8] {
        var bits: [UInt8] = [1, 1, 0]
        // Codes stand with their highest bit first: 0 is 00110000, length 258 is 11000101, distance 1 is 00000.
        bits += [0, 0, 1, 1, 0, 0, 0, 0]
        let (matches, rest) = (count - 1).quotientAndRemainder(dividingBy: 258)
        for _ in 0..<matches { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        for _ in 0..<rest { bits += [0, 0, 1, 1, 0, 0, 0, 0] }
        bits += [0, 0, 0, 0, 0, 0, 0]
        var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        for (index, bit) in bits.enumerated() { bytes[index / 8] |= bit << UInt8(index % 8) }
        // Adler-32 of zeros: the low half stays 1, the high half counts them.
        return [0x78, 0x01] + bytes + bigEndian((count % 65_521) << 16 | 1)
    }
}

/// A PDF of empty pages.
enum PDFBomb {
    /// - Parameter side: of each page, in points.
    static func file(pages: Int, side: Int) -> [UInt8] {
        var objects = [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Count \(pages)/Kids[\((0..<pages).map { "\($0 + 3) 0 R" }.joined(separator: " "))]>>",
        ]
        objects += Array(repeating: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 \(side) \(side)]>>", count: pages)
        var text = "%PDF-1.4\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(text.utf8.count)
            text += "\(index + 1) 0 obj\(object)endobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        text += offsets.map { String(format: "%010d 00000 n \n", $0) }.joined()
        return Array((text + "trailer<</Size \(objects.count + 1)/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n").utf8)
    }
}
