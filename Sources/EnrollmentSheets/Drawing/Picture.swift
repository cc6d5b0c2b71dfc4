internal import ByteBuffers
internal import CCairo
internal import SheetJobs

/// A page as a file of its own: PNG or SVG.
enum Picture {
    static func svg(_ page: Page) throws(SheetFailure) -> WipedBuffer {
        let stream = ByteStream()
        guard
            let surface = unsafe cairo_svg_surface_create_for_stream(
                ByteStream.write, stream.closure, page.width, page.height)
        else { throw SheetFailure(.drawing) }
        defer { unsafe cairo_surface_destroy(surface) }
        // The size on paper counts, whatever a viewer takes a pixel for.
        unsafe cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PT)
        try unsafe draw(page, on: surface, scale: 1, isWhite: true)
        unsafe cairo_surface_finish(surface)
        return SurfaceNames.renumbered(try unsafe checked(surface, stream))
    }

    static func png(_ page: Page) throws(SheetFailure) -> WipedBuffer {
        let scale = SheetJob.pictureResolution / Page.pointsPerInch
        let stream = ByteStream()
        guard
            let surface = unsafe cairo_image_surface_create(
                CAIRO_FORMAT_RGB24, Int32(clamping: Int(page.width * scale)), Int32(clamping: Int(page.height * scale)))
        else { throw SheetFailure(.drawing) }
        defer { unsafe cairo_surface_destroy(surface) }
        try unsafe draw(page, on: surface, scale: scale, isWhite: true)
        guard
            unsafe cairo_surface_write_to_png_stream(surface, ByteStream.write, stream.closure) == CAIRO_STATUS_SUCCESS
        else { throw SheetFailure(.drawing) }
        return try unsafe checked(surface, stream)
    }

    /// - Parameters:
    ///   - area: the part of the page that is drawn, in points.
    ///   - scale: pixels a point.
    /// - Returns: one byte a pixel, row by row, black on white.
    static func gray(
        _ page: Page, area: Rectangle, scale: Double
    ) throws(SheetFailure) -> (pixels: WipedBuffer, width: Int, height: Int) {
        let (width, height) = (Int((area.width * scale).rounded(.up)), Int((area.height * scale).rounded(.up)))
        // Coverage by ink, of whatever color: that is what a printer puts on paper.
        guard
            let surface = unsafe cairo_image_surface_create(
                CAIRO_FORMAT_A8, Int32(clamping: width), Int32(clamping: height))
        else { throw SheetFailure(.drawing) }
        defer { unsafe cairo_surface_destroy(surface) }
        try unsafe draw(page, on: surface, scale: scale, isWhite: false, from: area)
        unsafe cairo_surface_flush(surface)
        let stride = unsafe Int(cairo_image_surface_get_stride(surface))
        guard let data = unsafe cairo_image_surface_get_data(surface), stride >= width else {
            throw SheetFailure(.drawing)
        }
        let pixels = WipedBuffer(capacity: width * height)
        let bytes = unsafe UnsafeBufferPointer(start: data, count: stride * height)
        // Byte by byte in place: a lazy collection would take a call each, and there are a hundred thousand.
        pixels.append(upTo: width * height) { target in
            unsafe target.withUnsafeMutableBytes { target in
                for row in 0..<height {
                    for column in 0..<width {
                        unsafe target[row * width + column] = UInt8.max - bytes[row * stride + column]
                    }
                }
            }
            return width * height
        }
        return (pixels, width, height)
    }

    private static func draw(
        _ page: Page, on surface: OpaquePointer, scale: Double, isWhite: Bool, from area: Rectangle? = nil
    ) throws(SheetFailure) {
        guard let cairo = unsafe cairo_create(surface) else { throw SheetFailure(.drawing) }
        defer { unsafe cairo_destroy(cairo) }
        unsafe cairo_scale(cairo, scale, scale)
        if let area { unsafe cairo_translate(cairo, -area.x, -area.y) }
        if isWhite {
            unsafe cairo_set_source_rgb(cairo, 1, 1, 1)
            unsafe cairo_paint(cairo)
        }
        unsafe Canvas.draw(page, on: cairo, within: area)
        guard unsafe cairo_status(cairo) == CAIRO_STATUS_SUCCESS else { throw SheetFailure(.drawing) }
    }

    private static func checked(_ surface: OpaquePointer, _ stream: ByteStream) throws(SheetFailure) -> WipedBuffer {
        guard unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else { throw SheetFailure(.drawing) }
        return stream.take()
    }
}
