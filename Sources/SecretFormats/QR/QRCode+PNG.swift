public import ByteBuffers
internal import CPNG

extension QRCode {
    /// Pixels a module: up to 32, which makes the largest symbol 5,920 pixels wide.
    public static let pixelScaleRange = 1...32

    /// The symbol with its quiet zone as a PNG file, 8-bit grayscale.
    ///
    /// - Parameter scale: pixels a side of each module; whole ones only, or edges would blur.
    public func png(scale: Int = 8) throws(QRError) -> WipedBuffer {
        guard Self.pixelScaleRange.contains(scale) else { throw QRError(.scaleOutOfRange) }
        let side = paddedRange.count * scale
        guard let imageSide = UInt32(exactly: side) else { throw QRError(.scaleOutOfRange) }
        let pixels = pixels(scale: scale)
        return try pixels.withBytes { (pixels: RawSpan) throws(QRError) in
            var image = unsafe png_image()
            unsafe image.version = UInt32(PNG_IMAGE_VERSION)
            unsafe image.width = imageSide
            unsafe image.height = imageSide
            unsafe image.format = UInt32(PNG_FORMAT_GRAY)
            defer { unsafe png_image_free(&image) }
            return try unsafe Self.write(pixels, as: &image)
        }
    }

    private static let black: UInt8 = .min
    private static let white: UInt8 = .max

    /// One byte a pixel, row by row.
    private func pixels(scale: Int) -> WipedBuffer {
        let side = paddedRange.count * scale
        let pixels = WipedBuffer(capacity: side * side)
        for y in paddedRange {
            let row = WipedBuffer(capacity: side)
            for x in paddedRange {
                row.append(contentsOf: repeatElement(isDark(x: x, y: y) ? Self.black : Self.white, count: scale))
            }
            for _ in 0..<scale { pixels.append(contentsOf: row) }
        }
        return pixels
    }

    /// libpng's simplified writer: a first run without memory finds the length, the second one writes.
    private static func write(_ pixels: RawSpan, as image: inout png_image) throws(QRError) -> WipedBuffer {
        var length = 0
        try unsafe run(pixels, &image, nil, &length)
        let capacity = length
        let file = try Secret(count: capacity) { (file: inout MutableRawSpan) throws(QRError) in
            try unsafe file.withUnsafeMutableBytes { (file: UnsafeMutableRawBufferPointer) throws(QRError) in
                try unsafe run(pixels, &image, file.baseAddress, &length)
            }
        }
        let output = WipedBuffer(capacity: length)
        file.withBytes { bytes in output.append(contentsOf: bytes.extracting(first: length)) }
        return output
    }

    private static func run(
        _ pixels: RawSpan, _ image: inout png_image, _ memory: UnsafeMutableRawPointer?, _ length: inout Int
    ) throws(QRError) {
        let outcome = unsafe pixels.withUnsafeBytes { pixels in
            unsafe png_image_write_to_memory(&image, memory, &length, 0, pixels.baseAddress, 0, nil)
        }
        guard outcome != 0 else { throw QRError(.pictureFailed) }
    }
}
