import CPNG
import Foundation
import TestSupport

/// A picture with one byte of gray a pixel, and what paper does to it.
struct GrayPicture {
    var width: Int
    var height: Int
    var pixels: [UInt8]

    struct Unreadable: Error {}

    /// A page of a PDF as `pdftoppm` draws it.
    init(page: Int = 1, of pdf: [UInt8], dpi: Int) throws {
        let pdftoppm = try required("pdftoppm")
        let pgm = try withTemporaryFile(pdf, extension: "pdf") { path in
            try pdftoppm.run(["-r", String(dpi), "-gray", "-f", String(page), "-l", String(page), path])
        }
        try self.init(pgm: pgm)
    }

    /// `P5`, width, height and 255, then the bytes (pgm(5)).
    init(pgm: [UInt8]) throws {
        let head = pgm.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
        let sizes = head.count == 4 ? String(decoding: head[1], as: UTF8.self).split(separator: " ") : []
        guard head.first == ArraySlice("P5".utf8), sizes.count == 2, let width = Int(sizes[0]),
            let height = Int(sizes[1]), head[3].count == width * height
        else { throw Unreadable() }
        (self.width, self.height, pixels) = (width, height, Array(head[3]))
    }

    init(png: [UInt8]) throws {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        guard png_image_begin_read_from_memory(&image, png, png.count) != 0 else { throw Unreadable() }
        image.format = UInt32(PNG_FORMAT_GRAY)
        (width, height) = (Int(image.width), Int(image.height))
        pixels = [UInt8](repeating: 0, count: width * height)
        guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { throw Unreadable() }
    }

    var pgm: [UInt8] { Array("P5\n\(width) \(height)\n255\n".utf8) + pixels }

    func isDark(_ x: Int, _ y: Int) -> Bool {
        guard 0..<width ~= x, 0..<height ~= y else { return false }
        return pixels[y * width + x] < 128
    }

    /// A worn crease: toner is gone along a line, and gray on both sides of it.
    mutating func fold(atRow row: Int, width crease: Int) {
        for y in max(row - crease, 0)..<min(row + crease, height) {
            for x in 0..<width {
                pixels[y * width + x] =
                    abs(y - row) < crease / 2 ? 255 : UInt8(clamping: Int(pixels[y * width + x]) / 2 + 90)
            }
        }
    }

    /// A copy of a copy: blurred, pale, and with dirt on it.
    mutating func photocopy(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sharp = pixels
        for y in 1..<height - 1 {
            for x in 1..<width - 1 {
                var sum = 0
                for dy in -1...1 { for dx in -1...1 { sum += Int(sharp[(y + dy) * width + x + dx]) } }
                let pale = 60 + sum / 9 * 160 / 255
                pixels[y * width + x] = UInt8(clamping: pale + Int.random(in: -10...10, using: &generator))
            }
        }
    }

    /// The texts of the QR codes in it, by `zbarimg`.
    func codes() throws -> [String] {
        let zbarimg = try required("zbarimg")
        let output = try withTemporaryFile(pgm, extension: "pgm") { path in
            try zbarimg.run(["--quiet", "--raw", "--nodbus", "-S*.enable=0", "-Sqrcode.enable=1", path])
        }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

struct MissingProgram: Error {
    let name: String
}

func required(_ name: String) throws -> OutsideProgram {
    guard let program = OutsideProgram(name) else { throw MissingProgram(name: name) }
    return program
}
