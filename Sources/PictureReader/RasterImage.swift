internal import ByteBuffers
internal import CGdkPixbuf
internal import PictureExchange

/// Pictures of pixels, by gdk-pixbuf and its decoders.
///
/// The decoder is the one of the kind that the file's start tells, not the one that the library would guess: that keeps
/// the decoders of two dozen rarer formats out of reach. The first picture of an animation is what is shown.
enum RasterImage {
    /// What the decoder says while it works.
    private final class Progress {
        var width = 0
        var height = 0
        var isRefused = false
        /// The rows that the decoder has written.
        var firstRow = Int.max
        var endOfRows = 0
    }

    static func decode(_ bytes: RawSpan, as kind: PictureKind) throws(PictureFailure) -> GrayImage {
        // Its decoder is a package of its own for some kinds.
        guard let loader = unsafe gdk_pixbuf_loader_new_with_type(kind.rawValue, nil) else {
            throw PictureFailure(.unknownKind)
        }
        defer { unsafe g_object_unref(loader) }
        let progress = Progress()
        unsafe connect(progress, to: loader)
        let isWhole = withExtendedLifetime(progress) { unsafe feed(bytes, to: loader) }
        guard !progress.isRefused else { throw PictureFailure(.tooManyPixels, progress.width, progress.height) }
        // Some decoders are content with any end, so what they drew counts too. Only libjpeg fills up what is missing.
        guard isWhole, progress.firstRow == 0, progress.endOfRows >= progress.height,
            let pixels = unsafe gdk_pixbuf_loader_get_pixbuf(loader)
        else { throw PictureFailure(.damaged) }
        return try unsafe gray(pixels)
    }

    /// The loader says the size that the header has before it makes room for the pixels.
    private static func connect(_ progress: Progress, to loader: UnsafeMutablePointer<GdkPixbufLoader>) {
        let heard: @convention(c) (UnsafeMutablePointer<GdkPixbufLoader>?, gint, gint, gpointer?) -> Void = {
            loader, width, height, context in
            guard let context = unsafe context else { return }
            let progress = unsafe Unmanaged<Progress>.fromOpaque(context).takeUnretainedValue()
            (progress.width, progress.height) = (Int(width), Int(height))
            guard !PictureLimits.allow(width: Int(width), height: Int(height)) else { return }
            progress.isRefused = true
            // No pixels at all: the decoder gives up.
            unsafe gdk_pixbuf_loader_set_size(loader, 0, 0)
        }
        let drawn: @convention(c) (OpaquePointer?, gint, gint, gint, gint, gpointer?) -> Void = {
            _, _, row, _, rows, context in
            guard let context = unsafe context else { return }
            let progress = unsafe Unmanaged<Progress>.fromOpaque(context).takeUnretainedValue()
            progress.firstRow = min(progress.firstRow, Int(row))
            progress.endOfRows = max(progress.endOfRows, Int(row) + Int(rows))
        }
        let handlers = unsafe [
            ("size-prepared", unsafeBitCast(heard, to: GCallback.self)),
            ("area-updated", unsafeBitCast(drawn, to: GCallback.self)),
        ]
        handlers.forEach { signal, handler in
            unsafe g_signal_connect_data(
                loader, signal, handler, Unmanaged.passUnretained(progress).toOpaque(), nil, GConnectFlags(rawValue: 0))
        }
    }

    /// - Returns: whether the decoder was content with all of it.
    private static func feed(_ bytes: RawSpan, to loader: UnsafeMutablePointer<GdkPixbufLoader>) -> Bool {
        let isWritten = unsafe bytes.withUnsafeBytes { bytes in
            unsafe gdk_pixbuf_loader_write(
                loader, bytes.baseAddress?.assumingMemoryBound(to: guchar.self), gsize(bytes.count), nil) != 0
        }
        // Closed in any case: the library insists on it.
        let isClosed = unsafe gdk_pixbuf_loader_close(loader, nil) != 0
        return isWritten && isClosed
    }

    private static func gray(_ pixels: OpaquePointer) throws(PictureFailure) -> GrayImage {
        let width = unsafe Int(gdk_pixbuf_get_width(pixels))
        let height = unsafe Int(gdk_pixbuf_get_height(pixels))
        let (channels, stride) = unsafe (
            Int(gdk_pixbuf_get_n_channels(pixels)), Int(gdk_pixbuf_get_rowstride(pixels))
        )
        guard PictureLimits.allow(width: width, height: height) else {
            throw PictureFailure(.tooManyPixels, width, height)
        }
        guard let samples = unsafe gdk_pixbuf_read_pixels(pixels), unsafe gdk_pixbuf_get_bits_per_sample(pixels) == 8,
            channels >= Luminance.colors, stride >= width * channels
        else { throw PictureFailure(.failed) }
        let source = unsafe UnsafeBufferPointer(start: samples, count: (height - 1) * stride + width * channels)
        return GrayImage(width: width, height: height) { target in
            for y in 0..<height {
                for x in 0..<width {
                    let pixel = y * stride + x * channels
                    let value = unsafe Luminance.gray(
                        red: source[pixel], green: source[pixel + 1], blue: source[pixel + 2])
                    let alpha = unsafe channels > Luminance.colors ? source[pixel + Luminance.colors] : .max
                    target[y * width + x] = Luminance.onWhite(value, alpha: alpha)
                }
            }
        }
    }
}

/// From colors to shades of gray (ITU-R BT.601, section 2.5.1, in parts of 256).
enum Luminance {
    /// Red, green and blue; what follows them is alpha.
    static let colors = 3

    private static let red = 77
    private static let green = 150
    private static let blue = 29

    static func gray(red: UInt8, green: UInt8, blue: UInt8) -> UInt8 {
        UInt8((Self.red * Int(red) + Self.green * Int(green) + Self.blue * Int(blue)) >> UInt8.bitWidth)
    }

    /// What is seen of it in front of white paper.
    static func onWhite(_ value: UInt8, alpha: UInt8) -> UInt8 {
        let full = Int(UInt8.max)
        return UInt8((Int(value) * Int(alpha) + full * (full - Int(alpha))) / full)
    }
}
