public import ByteBuffers
public import PictureExchange

/// QR codes in pictures.
///
/// The libraries below keep and free copies of what they decode without overwriting them. So this runs in a program of
/// its own that ends when it has answered.
public enum PictureReader {
    /// What the QR codes of a picture hold, each once: at least one.
    ///
    /// - Parameter bytes: a file of one of the kinds of `PictureKind`, whole.
    public static func read(_ bytes: RawSpan) throws(PictureFailure) -> [WipedBuffer] {
        guard bytes.byteCount <= PictureLimits.fileLength else { throw PictureFailure(.tooLong) }
        guard let kind = PictureKind.recognize(bytes) else { throw PictureFailure(.unknownKind) }
        guard let scanner = CodeScanner() else { throw PictureFailure(.failed) }
        let ladder = ScanLadder(scanner: scanner)
        let codes: [WipedBuffer]
        if kind == .pdf {
            codes = try read(PDFPages(bytes), ladder)
        } else {
            codes = ladder.codes(in: try RasterImage.decode(bytes, as: kind))
        }
        guard !codes.isEmpty else { throw PictureFailure(.noCode) }
        guard codes.count <= PictureLimits.codes else { throw PictureFailure(.tooManyCodes) }
        return codes
    }

    /// Pixels to an inch: enough for a code of 15 mm, and for one that is half as large.
    private static let resolutions = [150.0, 300.0]

    /// A page is drawn anew for more pixels instead of being enlarged. One that is too large at the finer resolution has
    /// been looked at.
    private static func read(_ pages: PDFPages, _ ladder: ScanLadder) throws(PictureFailure) -> [WipedBuffer] {
        var codes: [WipedBuffer] = []
        for index in 0..<pages.count {
            for (number, resolution) in resolutions.enumerated() {
                let image: GrayImage
                do throws(PictureFailure) {
                    image = try pages.image(ofPage: index, resolution: resolution)
                } catch {
                    guard number > 0, error.code == .tooManyPixels else { throw error }
                    break
                }
                let found = ladder.codes(in: image, isBrief: true)
                codes += found
                guard found.isEmpty else { break }
            }
        }
        return codes
    }
}
