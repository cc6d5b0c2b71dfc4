internal import ByteBuffers
internal import SecretFormats
internal import SheetJobs

/// Reads every code of a page as it will be printed, with all that is drawn near it, before the page is let out.
final class CodeCheck {
    private let reader: CodeReader

    /// Dots a module: as few as are read surely, and twice as many where that fails. Coarse dots are no mercy: what lies
    /// on a code covers as much of it.
    private static let resolutions = [3.0, 6.0]

    init() throws(SheetFailure) {
        guard let reader = CodeReader() else { throw SheetFailure(.drawing) }
        self.reader = reader
    }

    func check(_ page: Page) throws(SheetFailure) {
        for code in page.codes {
            guard try isRead(code, on: page) else { throw SheetFailure(.codeUnreadable, entry: code.entry) }
        }
    }

    private func isRead(_ code: Page.Code, on page: Page) throws(SheetFailure) -> Bool {
        for dots in Self.resolutions {
            let (pixels, width, height) = try Picture.gray(page, area: code.area, scale: dots / code.module)
            let texts = pixels.withBytes { reader.read($0, width: width, height: height) }
            if texts.count == 1, texts.first == code.text { return true }
        }
        return false
    }
}
