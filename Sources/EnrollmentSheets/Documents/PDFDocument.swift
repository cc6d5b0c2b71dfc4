internal import ByteBuffers
internal import CCairo
internal import SheetJobs

/// The pages of a part as a PDF file without their codes: `PDFAssembly` puts those in, and the parts together.
///
/// Its properties are a title that names nobody and the day of the job; no author, no subject, no keywords.
@safe final class PDFDocument {
    private let stream = ByteStream()
    private let surface: OpaquePointer
    private let cairo: OpaquePointer

    init(_ page: (width: Double, height: Double), title: String, date: String) throws(SheetFailure) {
        let surface = unsafe cairo_pdf_surface_create_for_stream(
            ByteStream.write, stream.closure, Page.points(page.width), Page.points(page.height))
        guard let surface = unsafe surface, let cairo = unsafe cairo_create(surface) else {
            throw SheetFailure(.drawing)
        }
        unsafe self.surface = surface
        unsafe self.cairo = cairo
        unsafe cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4)
        unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
        unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date)
    }

    deinit {
        unsafe cairo_destroy(cairo)
        // Writes the rest into the stream, which is still there.
        unsafe cairo_surface_destroy(surface)
    }

    /// What the file has more with the page.
    func add(_ page: Page) throws(SheetFailure) -> WipedBuffer {
        unsafe cairo_pdf_surface_set_size(surface, page.width, page.height)
        unsafe Canvas.draw(page, on: cairo, showsCodes: false)
        unsafe cairo_show_page(cairo)
        return try checked()
    }

    /// The rest of the file.
    func end() throws(SheetFailure) -> WipedBuffer {
        unsafe cairo_surface_finish(surface)
        return try checked()
    }

    private func checked() throws(SheetFailure) -> WipedBuffer {
        guard unsafe cairo_status(cairo) == CAIRO_STATUS_SUCCESS,
            unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS
        else { throw SheetFailure(.drawing) }
        return stream.take()
    }
}
