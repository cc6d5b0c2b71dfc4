internal import ByteBuffers
internal import CPoppler
internal import PictureExchange

/// The pages of a PDF, drawn by poppler.
@safe final class PDFPages {
    private let document: OpaquePointer
    let count: Int

    /// Points to an inch (ISO 32000-1, section 8.3.2.3).
    private static let pointsPerInch = 72.0

    init(_ bytes: RawSpan) throws(PictureFailure) {
        var error: UnsafeMutablePointer<GError>?
        let document = unsafe bytes.withUnsafeBytes { bytes in
            let copy = unsafe g_bytes_new(bytes.baseAddress, gsize(bytes.count))
            defer { unsafe g_bytes_unref(copy) }
            return unsafe poppler_document_new_from_bytes(copy, nil, &error)
        }
        guard let document = unsafe document else {
            let isEncrypted = unsafe error.map { unsafe $0.pointee.code == CInt(POPPLER_ERROR_ENCRYPTED.rawValue) }
            unsafe g_clear_error(&error)
            throw PictureFailure(isEncrypted == true ? .encrypted : .damaged)
        }
        unsafe self.document = unsafe document
        count = unsafe Int(poppler_document_get_n_pages(document))
        guard count > 0 else { throw PictureFailure(.damaged) }
        guard count <= PictureLimits.pages else { throw PictureFailure(.tooManyPages, count) }
    }

    deinit { unsafe g_object_unref(UnsafeMutableRawPointer(document)) }

    /// The page as on white paper.
    ///
    /// - Parameters:
    ///   - index: counted from 0.
    ///   - resolution: pixels to an inch.
    func image(ofPage index: Int, resolution: Double) throws(PictureFailure) -> GrayImage {
        guard let page = unsafe poppler_document_get_page(document, CInt(index)) else { throw PictureFailure(.damaged) }
        defer { unsafe g_object_unref(UnsafeMutableRawPointer(page)) }
        var (across, down) = (0.0, 0.0)
        unsafe poppler_page_get_size(page, &across, &down)
        let scale = resolution / Self.pointsPerInch
        let (width, height) = (Self.pixels(across * scale), Self.pixels(down * scale))
        guard PictureLimits.allow(width: width, height: height) else {
            throw PictureFailure(.tooManyPixels, width, height)
        }
        let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, CInt(width), CInt(height))
        defer { unsafe cairo_surface_destroy(surface) }
        let context = unsafe cairo_create(surface)
        defer { unsafe cairo_destroy(context) }
        unsafe cairo_set_source_rgb(context, 1, 1, 1)
        unsafe cairo_paint(context)
        unsafe cairo_scale(context, scale, scale)
        unsafe poppler_page_render(page, context)
        unsafe cairo_surface_flush(surface)
        return try unsafe Self.gray(surface, width: width, height: height)
    }

    /// A page may claim any size, also none.
    private static func pixels(_ length: Double) -> Int { Int(exactly: length.rounded(.up)) ?? 0 }

    /// A pixel is a 32-bit number in the order of the machine: a byte unused, red, green, blue (cairo,
    /// `CAIRO_FORMAT_RGB24`).
    private static func gray(
        _ surface: OpaquePointer?, width: Int, height: Int
    ) throws(PictureFailure) -> GrayImage {
        guard unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
            let data = unsafe cairo_image_surface_get_data(surface)
        else { throw PictureFailure(.failed) }
        let stride = unsafe Int(cairo_image_surface_get_stride(surface))
        let source = unsafe UnsafeRawBufferPointer(start: data, count: stride * height)
        return GrayImage(width: width, height: height) { target in
            for y in 0..<height {
                for x in 0..<width {
                    let pixel = unsafe source.loadUnaligned(
                        fromByteOffset: y * stride + x * MemoryLayout<UInt32>.size, as: UInt32.self)
                    target[y * width + x] = Luminance.gray(
                        red: UInt8(truncatingIfNeeded: pixel >> redShift),
                        green: UInt8(truncatingIfNeeded: pixel >> greenShift), blue: UInt8(truncatingIfNeeded: pixel))
                }
            }
        }
    }

    private static let redShift: UInt32 = 16
    private static let greenShift: UInt32 = 8
}
