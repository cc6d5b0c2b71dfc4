public import ByteBuffers
internal import CPNG

extension QRCode {
    /// Pixels a module: up to 32, which makes the largest symbol 5,920 pixels wide.
    public static let pixelScaleRange = 1...32

    /// The symbol with its quiet zone as a PNG file, black and white, one bit a pixel.
    ///
    /// - Parameter scale: pixels a side of each module; whole ones only, or edges would blur.
    public func png(scale: Int = 8) throws(QRError) -> WipedBuffer {
        guard Self.pixelScaleRange.contains(scale) else { throw QRError(.scaleOutOfRange) }
        let side = paddedRange.count * scale
        let rows = bitmap(scale: scale)
        let capacity = Self.longestFile(side: side)
        let file = WipedBuffer(capacity: capacity)
        try file.append(upTo: capacity) { (file: inout MutableRawSpan) throws(QRError) in
            let length = unsafe file.withUnsafeMutableBytes { file in
                rows.withBytes { rows in
                    unsafe rows.withUnsafeBytes { rows in
                        unsafe kp_png_write_bitmap(
                            rows.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(clamping: side),
                            UInt32(clamping: scale), file.baseAddress?.assumingMemoryBound(to: UInt8.self), file.count)
                    }
                }
            }
            guard length > 0 else { throw QRError(.pictureFailed) }
            return length
        }
        return file
    }

    /// One bit a pixel, the first in the highest bit of a byte; 1 is white. One row for each row of modules.
    private func bitmap(scale: Int) -> WipedBuffer {
        let rowLength = Self.rowLength(side: paddedRange.count * scale)
        let rows = WipedBuffer(capacity: rowLength * paddedRange.count)
        for y in paddedRange {
            rows.append(upTo: rowLength) { (row: inout MutableRawSpan) in
                unsafe row.withUnsafeMutableBytes { row in
                    for (column, x) in paddedRange.enumerated() where !isDark(x: x, y: y) {
                        for pixel in column * scale..<(column + 1) * scale {
                            unsafe row[pixel / 8] |= Self.firstPixel >> (pixel % 8)
                        }
                    }
                }
                return rowLength
            }
        }
        return rows
    }

    private static let firstPixel: UInt8 = 0x80

    private static func rowLength(side: Int) -> Int { (side + 7) / 8 }

    /// More than deflate makes of that many bytes that it cannot compress (zlib, `compressBound`), with the chunks around
    /// them.
    private static func longestFile(side: Int) -> Int {
        let pixels = side * (rowLength(side: side) + 1)
        return pixels + pixels / 128 + 1024
    }
}
