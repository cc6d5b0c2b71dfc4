internal import ByteBuffers
internal import CCairo
internal import CRSVG
internal import SheetJobs

/// A picture for the head of a page: PNG, or SVG, which stays made of lines.
@safe final class Logo {
    /// A `cairo_surface_t`, or nil.
    private let picture: OpaquePointer?
    private let drawing: UnsafeMutablePointer<RsvgHandle>?

    /// The first bytes of a PNG file (RFC 2083 section 3.1), up to where the width stands.
    private static let pngStart: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let pngSizeOffset = 16
    /// Pixels a side.
    private static let largestSide: UInt32 = 4096

    init(_ bytes: [UInt8]) throws(SheetFailure) {
        if bytes.starts(with: Self.pngStart) {
            unsafe drawing = nil
            unsafe picture = try Self.readPNG(bytes)
        } else {
            unsafe picture = nil
            // Without a base address nothing outside of the file is loaded.
            guard let handle = unsafe rsvg_handle_new_from_data(bytes, gsize(bytes.count), nil) else {
                throw SheetFailure(.logo)
            }
            unsafe drawing = handle
        }
    }

    deinit {
        if let picture = unsafe picture { unsafe cairo_surface_destroy(picture) }
        if let drawing = unsafe drawing { unsafe g_object_unref(drawing) }
    }

    /// As large as fits, in its own proportions, at the upper right.
    ///
    /// - Parameter box: points.
    func draw(in box: Rectangle, on cairo: OpaquePointer) {
        unsafe cairo_save(cairo)
        defer { unsafe cairo_restore(cairo) }
        if let drawing = unsafe drawing {
            var area = RsvgRectangle(x: box.x, y: box.y, width: box.width, height: box.height)
            _ = unsafe rsvg_handle_render_document(drawing, cairo, &area, nil)
        } else if let picture = unsafe picture {
            let width = unsafe Double(cairo_image_surface_get_width(picture))
            let height = unsafe Double(cairo_image_surface_get_height(picture))
            let scale = min(box.width / max(width, 1), box.height / max(height, 1))
            unsafe cairo_translate(cairo, box.x + box.width - width * scale, box.y)
            unsafe cairo_scale(cairo, scale, scale)
            unsafe cairo_set_source_surface(cairo, picture, 0, 0)
            unsafe cairo_paint(cairo)
        }
    }

    /// The size is looked at before anything is unpacked.
    private static func readPNG(_ bytes: [UInt8]) throws(SheetFailure) -> OpaquePointer {
        var sizes = ByteReader(bytes.dropFirst(pngSizeOffset))
        guard let width = try? sizes.bigEndian32(), let height = try? sizes.bigEndian32(),
            1...largestSide ~= width, 1...largestSide ~= height
        else { throw SheetFailure(.logo) }
        let source = Source(bytes)
        let surface = unsafe withExtendedLifetime(source) {
            unsafe cairo_image_surface_create_from_png_stream(
                { closure, target, count in
                    guard let closure = unsafe closure, let target = unsafe target else {
                        return CAIRO_STATUS_READ_ERROR
                    }
                    let source = unsafe Unmanaged<Source>.fromOpaque(closure).takeUnretainedValue()
                    guard let bytes = source.next(Int(count)) else { return CAIRO_STATUS_READ_ERROR }
                    for (offset, byte) in bytes.enumerated() { unsafe target[offset] = byte }
                    return CAIRO_STATUS_SUCCESS
                }, Unmanaged.passUnretained(source).toOpaque())
        }
        guard let surface = unsafe surface else { throw SheetFailure(.logo) }
        guard unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
            unsafe cairo_surface_destroy(surface)
            throw SheetFailure(.logo)
        }
        return unsafe surface
    }

    /// The file, as libpng asks for it.
    private final class Source {
        private var reader: ByteReader
        init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }
        func next(_ count: Int) -> ArraySlice<UInt8>? { try? reader.bytes(count) }
    }
}
