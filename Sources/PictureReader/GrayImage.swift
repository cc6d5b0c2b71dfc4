internal import ByteBuffers

/// A picture in shades of gray: a byte a pixel, 0 for black, row by row from the top.
///
/// It shows the secret as well as the code's text does, so it is wiped like it.
struct GrayImage {
    let width: Int
    let height: Int
    private let pixels: WipedBuffer

    /// - Parameters:
    ///   - width, height: at least 1; their product is the number of pixels that `fill` gets.
    ///   - fill: writes the pixels, which are black before.
    init(width: Int, height: Int, filling fill: (inout MutableSpan<UInt8>) -> Void) {
        self.width = width
        self.height = height
        let count = width * height
        pixels = WipedBuffer(capacity: count)
        pixels.append(upTo: count) { target in
            unsafe target.withUnsafeMutableBytes { target in
                var span = unsafe target.assumingMemoryBound(to: UInt8.self).mutableSpan
                fill(&span)
            }
            return count
        }
    }

    func withPixels<Value>(_ body: (Span<UInt8>) -> Value) -> Value {
        pixels.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in body(unsafe bytes.assumingMemoryBound(to: UInt8.self).span) }
        }
    }
}
