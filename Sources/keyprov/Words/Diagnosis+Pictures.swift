import PictureExchange

extension Diagnosis {
    init(_ error: PictureError) {
        switch error.cause {
        case .refused(let failure): self.init(failure, error.name)
        case .noProgram:
            self.init(
                .failed, "'\(error.name)' is a picture, and the program that reads pictures is not installed",
                hints: [PictureProgram.installHint])
        case .ended:
            self.init(.badInput, "'\(error.name)' cannot be read: the picture takes more memory or time than it may")
        case .late: self.init(.badInput, "'\(error.name)' cannot be read in \(PictureLimits.clockSeconds) seconds")
        case .interrupted: self = .interrupted
        }
    }

    private init(_ failure: PictureFailure, _ name: String) {
        let what: String
        var hints: [String] = []
        switch failure.code {
        case .unknownKind:
            what = "is in no kind of picture that is read"
            hints = ["PNG, JPEG, GIF, BMP, WebP and PDF are; WebP takes the package webp-pixbuf-loader"]
        case .damaged: what = "is damaged or cut short"
        case .tooManyPixels:
            what = "has \(failure.first) by \(failure.second) pixels, more than are read"
            hints = [
                "\(PictureLimits.side) a side and \(PictureLimits.pixels >> 20) million in all are read: cut the code out"
            ]
        case .tooLong: what = "has more than \(PictureLimits.fileLength >> 20) MiB, more than is read"
        case .tooManyPages:
            what = "has \(failure.first) pages, more than are read"
            hints = ["\(PictureLimits.pages) are read: cut out the page with the code"]
        case .encrypted: what = "opens with a password only"
        case .noCode:
            what = "shows no QR code that can be read"
            hints = [
                "cut the code out with some white around it, or take it larger", "the text beside the code does too",
            ]
        case .tooManyCodes: what = "shows more than \(PictureLimits.codes) QR codes"
        default: what = "cannot be read"
        }
        self.init(.badInput, "'\(name)' \(what)", hints: hints)
    }
}

extension PictureProgram {
    /// Where the program belongs.
    static let installHint =
        "'\(CompanionProgram.pictures.name)' belongs into libexec/keyprov beside bin; 'make install' puts it there"
}
