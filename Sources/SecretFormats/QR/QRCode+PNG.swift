public import ByteBuffers
internal import CPNG

extension QRCode {
    /// Pixels a module: up to 32, which makes the largest symbol 5,920 pixels wide.
    public static let pixelScaleRange = 1...32

    /// The symbol with its quiet zone as a PNG file with two colors, one bit a pixel.
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
            unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLORMAP)
            unsafe image.colormap_entries = UInt32(Self.palette.count)
            defer { unsafe png_image_free(&image) }
            return try unsafe Self.write(pixels, as: &image)
        }
    }

    /// Gray values of the two colors, by the number that stands for a pixel.
    private static let palette: [UInt8] = [.min, .max]
    private static let black: UInt8 = 0
    private static let white: UInt8 = 1

    /// One byte a pixel, row by row.
    private func pixels(scale: Int) -> WipedBuffer {
        let side = paddedRange.count * scale
        let pixels = WipedBuffer(capacity: side * side)
        for y in paddedRange {
            let row = WipedBuffer(capacity: side)
            for x in paddedRange {
                row.append(repeating: isDark(x: x, y: y) ? Self.black : Self.white, count: scale)
            }
            for _ in 0..<scale { pixels.append(contentsOf: row) }
        }
        return pixels
    }

    /// libpng's simplified writer, into memory that is large enough for any outcome: asked for the length first, it would
    /// compress twice.
    private static func write(_ pixels: RawSpan, as image: inout png_image) throws(QRError) -> WipedBuffer {
        let capacity = unsafe kp_png_image_size_max(&image)
        let file = WipedBuffer(capacity: capacity)
        try file.append(upTo: capacity) { (file: inout MutableRawSpan) throws(QRError) in
            var length = capacity
            let outcome = unsafe file.withUnsafeMutableBytes { file in
                unsafe pixels.withUnsafeBytes { pixels in
                    unsafe png_image_write_to_memory(
                        &image, file.baseAddress, &length, 0, pixels.baseAddress, 0, Self.palette)
                }
            }
            guard outcome != 0 else { throw QRError(.pictureFailed) }
            return length
        }
        return file
    }
}
