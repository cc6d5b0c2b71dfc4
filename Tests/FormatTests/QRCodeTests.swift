import ByteBuffers
import SecretFormats
import TestSupport
import Testing

private let uri = "otpauth://totp/Example:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example"

@Suite struct QRCodeTests {
    @Test func `The symbol has the size that its content and correction need`() throws {
        // Bytes, and modules a side at L, M, Q and H as segno makes them.
        for (length, sizes) in [(60, [33, 33, 37, 45]), (97, [37, 41, 49, 53])] {
            let text = Secret(Array(repeating: UInt8(ascii: "x"), count: length))
            for (correction, size) in zip(QRCode.Correction.allCases, sizes) {
                let code = try QRCode(encoding: text, correction: correction)
                #expect(code.size == size)
                #expect(code.size == 17 + 4 * code.version)
            }
        }
    }

    @Test func `The finder patterns stand in three corners and the quiet zone is light`() throws {
        let code = try QRCode(encoding: Secret(text: uri))
        let far = code.size - 7
        for (x, y) in [(0, 0), (far, 0), (0, far)] {
            for offset in 0..<7 {
                #expect(code.isDark(x: x + offset, y: y))
                #expect(code.isDark(x: x, y: y + offset))
            }
            #expect(!code.isDark(x: x + 1, y: y + 1))
            #expect(code.isDark(x: x + 3, y: y + 3))
        }
        for (x, y) in [(-1, 0), (0, -1), (code.size, 0), (0, code.size), (Int.min, Int.max)] {
            #expect(!code.isDark(x: x, y: y))
        }
    }

    @Test func `What does not fit is an error`() throws {
        #expect(throws: QRError(.noText)) { try QRCode(encoding: Secret([])) }
        // ISO/IEC 18004, data capacity: 2331 bytes at version 40-M.
        #expect(try QRCode(encoding: Secret(Array(repeating: 97, count: 2331))).version == 40)
        #expect(throws: QRError(.textTooLong)) { try QRCode(encoding: Secret(Array(repeating: 97, count: 2332))) }
        let code = try QRCode(encoding: Secret(text: uri))
        for scale in [Int.min, 0, 33, Int.max] {
            #expect(throws: QRError(.scaleOutOfRange)) { try code.png(scale: scale) }
        }
    }

    @Test func `Terminal pictures have four light modules on every side`() throws {
        let code = try QRCode(encoding: Secret(text: uri))
        let side = code.size + 8
        for picture in [
            Picture(halfBlocks: code.halfBlocks().exposedText, inkIsDark: true),
            Picture(halfBlocks: code.halfBlocks(colors: false).exposedText, inkIsDark: false),
            Picture(halfBlocks: code.halfBlocks(colors: false, theme: .light).exposedText, inkIsDark: true),
            Picture(ascii: code.ascii().exposedText, inkIsDark: false),
            Picture(ascii: code.ascii(theme: .light).exposedText, inkIsDark: true),
        ] {
            #expect(picture.rows.allSatisfy { $0.count == side })
            // Half blocks come in pairs of rows, so there may be one row more, a light one.
            #expect(picture.rows.count == side || picture.rows.count == side + 1)
            for (y, row) in picture.rows.enumerated() {
                #expect(row == (0..<side).map { code.isDark(x: $0 - 4, y: y - 4) })
            }
        }
    }

    @Test func `Colored text sets its colors on each line and takes them back before the line's end`() throws {
        let text = try QRCode(encoding: Secret(text: uri)).halfBlocks().exposedText
        let lines = text.split(separator: "\n")
        #expect(lines.count == (41 + 8 + 1) / 2)
        #expect(lines.allSatisfy { $0.hasPrefix("\u{1B}[38;5;16;48;5;231m") && $0.hasSuffix("\u{1B}[0m") })
        #expect(try !QRCode(encoding: Secret(text: uri)).halfBlocks(colors: false).exposedText.contains("\u{1B}"))
    }

    @Test func `The SVG has a viewBox in modules and takes a size in millimeters`() throws {
        let code = try QRCode(encoding: Secret(text: uri))
        #expect(code.svg().exposedText.contains("viewBox=\"0 0 49 49\""))
        #expect(!code.svg().exposedText.contains("mm\""))
        #expect(code.svg(millimeters: 25).exposedText.contains("width=\"25mm\" height=\"25mm\""))
    }
}

@Suite(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
struct ScannerTests {
    @Test(arguments: QRCode.Correction.allCases, [2, 3, 8])
    func `zbarimg reads the PNG`(correction: QRCode.Correction, scale: Int) throws {
        let png = try QRCode(encoding: Secret(text: uri), correction: correction).png(scale: scale)
        #expect(try scan(png.exposedBytes, as: "png") == uri)
    }

    @Test(
        .enabled(if: OutsideProgram.isInstalled("rsvg-convert"), "rsvg-convert is not installed"),
        arguments: [nil, 25])
    func `zbarimg reads the SVG`(millimeters: Int?) throws {
        let svg = try QRCode(encoding: Secret(text: uri)).svg(millimeters: millimeters)
        let png = try withTemporaryFile(svg.exposedBytes, extension: "svg") { path in
            try #require(OutsideProgram("rsvg-convert")).run(["--width", "392", "--height", "392", path])
        }
        #expect(try scan(png, as: "png") == uri)
    }

    @Test func `zbarimg reads every terminal form on the theme it is for`() throws {
        let code = try QRCode(encoding: Secret(text: uri))
        for picture in [
            Picture(halfBlocks: code.halfBlocks().exposedText, inkIsDark: true),
            Picture(halfBlocks: code.halfBlocks(colors: false).exposedText, inkIsDark: false),
            Picture(halfBlocks: code.halfBlocks(colors: false, theme: .light).exposedText, inkIsDark: true),
            Picture(ascii: code.ascii().exposedText, inkIsDark: false),
            Picture(ascii: code.ascii(theme: .light).exposedText, inkIsDark: true),
        ] {
            #expect(try scan(picture.pgm(scale: 6), as: "pgm") == uri)
        }
    }

    @Test func `zbarimg reads the URIs of random credentials`() throws {
        var generator = SeededGenerator(seed: 18_004)
        for _ in 0..<20 {
            let text = try OTPAuthURI.encode(Credential.random(using: &generator))
            let png = try QRCode(encoding: text).png(scale: 4)
            #expect(try scan(png.exposedBytes, as: "png") == text.exposedText)
        }
    }

    private func scan(_ picture: [UInt8], as suffix: String) throws -> String {
        try withTemporaryFile(picture, extension: suffix) { path in
            let output = try #require(OutsideProgram("zbarimg"))
                .run(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path])
            return String(decoding: output.dropLast(), as: UTF8.self)
        }
    }
}
