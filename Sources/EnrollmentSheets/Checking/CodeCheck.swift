internal import ByteBuffers
internal import SecretFormats
internal import SheetJobs

/// Reads every code of a page as it will be printed, with all that is drawn near it, before the page is let out.
final class CodeCheck {
    private let reader: CodeReader

    /// Dots an inch: that of a fax for codes of common size, that of a plain printer for small ones.
    private static let coarse = 150.0
    private static let fine = 300.0
    /// Dots a module: below that the coarse one is too coarse.
    private static let fewestDots = 2.5

    init() throws(SheetFailure) {
        guard let reader = CodeReader() else { throw SheetFailure(.drawing) }
        self.reader = reader
    }

    func check(_ page: Page) throws(SheetFailure) {
        for code in page.codes {
            let dots = code.module * Self.coarse / Page.pointsPerInch
            let resolution = dots >= Self.fewestDots ? Self.coarse : Self.fine
            let (pixels, width, height) = try Picture.gray(
                page, area: code.area, scale: resolution / Page.pointsPerInch)
            let texts = pixels.withBytes { reader.read($0, width: width, height: height) }
            guard texts.count == 1, texts.first == code.text else {
                throw SheetFailure(.codeUnreadable, entry: code.entry)
            }
        }
    }
}
