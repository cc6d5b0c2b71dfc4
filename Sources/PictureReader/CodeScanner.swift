internal import ByteBuffers
internal import CZBar

/// QR codes of an image, by libzbar. Its other symbologies are off: in a page of text they find codes that are not there.
@safe final class CodeScanner {
    private let scanner: OpaquePointer

    /// - Returns: nil where there is no memory.
    init?() {
        guard let scanner = unsafe zbar_image_scanner_create() else { return nil }
        unsafe self.scanner = unsafe scanner
        for (symbology, setting, value) in [
            (ZBAR_NONE, ZBAR_CFG_ENABLE, 0), (ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1),
            // Without it, text that is not UTF-8 is translated by a guess.
            (ZBAR_QRCODE, ZBAR_CFG_BINARY, 1),
        ] {
            guard unsafe zbar_image_scanner_set_config(scanner, symbology, setting, CInt(value)) == 0 else {
                return nil
            }
        }
    }

    deinit { unsafe zbar_image_scanner_destroy(scanner) }

    /// What the codes hold, each once, in the order of the library.
    func codes(in image: GrayImage) -> [WipedBuffer] {
        image.withPixels { pixels in
            guard let picture = unsafe zbar_image_create() else { return [] }
            defer { unsafe zbar_image_destroy(picture) }
            unsafe zbar_image_set_format(picture, Self.grayFormat)
            unsafe zbar_image_set_size(picture, CUnsignedInt(image.width), CUnsignedInt(image.height))
            // The library reads them and frees nothing, as it is given no function for that.
            let count = unsafe pixels.withUnsafeBufferPointer { pixels in
                unsafe zbar_image_set_data(picture, pixels.baseAddress, CUnsignedLong(pixels.count), nil)
                return unsafe zbar_scan_image(scanner, picture)
            }
            guard count > 0 else { return [] }
            var codes: [WipedBuffer] = []
            var symbol = unsafe zbar_image_first_symbol(picture)
            while let current = unsafe symbol {
                if let code = unsafe Self.contents(of: current), !codes.contains(where: { $0.holdsSame(as: code) }) {
                    codes.append(code)
                }
                unsafe symbol = zbar_symbol_next(current)
            }
            return codes
        }
    }

    /// `Y800`, a byte a pixel, as a FOURCC: its first letter is the lowest byte.
    private static let grayFormat = "Y800".utf8.reversed().reduce(CUnsignedLong(0)) {
        $0 << CUnsignedLong(UInt8.bitWidth) | CUnsignedLong($1)
    }

    private static func contents(of symbol: OpaquePointer) -> WipedBuffer? {
        guard unsafe zbar_symbol_get_type(symbol) == ZBAR_QRCODE, let data = unsafe zbar_symbol_get_data(symbol) else {
            return nil
        }
        let count = unsafe Int(zbar_symbol_get_data_length(symbol))
        guard count > 0 else { return nil }
        return unsafe WipedBuffer(UnsafeRawBufferPointer(start: data, count: count))
    }
}

extension WipedBuffer {
    func holdsSame(as other: WipedBuffer) -> Bool {
        count == other.count
            && withBytes { mine in
                other.withBytes { theirs in
                    (0..<mine.byteCount).allSatisfy { mine.byte(at: $0) == theirs.byte(at: $0) }
                }
            }
    }
}
