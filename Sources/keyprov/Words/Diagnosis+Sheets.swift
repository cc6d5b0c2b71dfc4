import SecretFormats
import SheetJobs

extension Diagnosis {
    init(_ failure: SheetFailure) {
        let place = failure.entry > 0 ? "entry \(failure.entry): " : ""
        switch failure.code {
        case .malformedJob:
            self.init(.failed, "keyprov-sheets and keyprov do not understand each other: \(Self.versions)")
        case .template: self.init(.failed, "keyprov-sheets refuses the template that keyprov took: \(Self.versions)")
        case .codeUnreadable:
            self.init(
                .failed, "\(place)the QR code cannot be read back from the page, so nothing was written",
                hints: ["give it more room, or keep other elements off it: a template says where they stand"])
        case .codeTooSmall:
            self.init(
                .failed, "\(place)the QR code does not fit into its place: a module would be smaller than 0.25 mm",
                hints: ["use a larger label, or a template with more room for it"])
        case .codeTooLong: self.init(.badInput, "\(place)the text is too long for a QR code")
        case .secretTooLong:
            self.init(
                .failed, "\(place)the secret does not fit into its place, and is never cut off",
                hints: ["use a template with more room for it"])
        case .noGlyph:
            self.init(
                .failed, "\(place)no installed font has all of its characters",
                hints: ["install more fonts, for instance Debian's fonts-noto-core and fonts-noto-cjk"])
        case .noFont:
            self.init(
                .failed, "there is no font installed", hints: ["install Debian's fonts-noto-core and fonts-noto-mono"])
        case .logo: self.init(.badInput, "the logo is neither a PNG of at most 4096 pixels a side nor an SVG")
        case .drawing: self.init(.failed, "\(place)the page could not be drawn: cairo gave up")
        case .medium:
            self.init(
                .usage, "the template and the paper do not go together",
                hints: ["labels take a stock number, pages take A4 or Letter: 'keyprov sheet --list' lists them"])
        }
    }

    private static let versions = "they are of different versions"

    init(_ error: QRError) {
        switch error.code {
        case .noText: self.init(.badInput, "there is no text to make a QR code of")
        case .textTooLong: self.init(.badInput, "the text is too long for a QR code")
        default: self.init(.failed, "the QR code could not be made: \(error.code.rawValue)")
        }
    }
}

extension TemplateError.Reason {
    var text: String {
        switch self {
        case .notUTF8: "the template is not UTF-8"
        case .tooLong(let limit): "the template has more than \(limit) bytes"
        case .noHeader: "the first line has to be '\(Template.header) \(Template.version)'"
        case .unknownStatement(let word): "there is no element '\(word)'"
        case .unknownKey(let word): "'\(word)' is nothing that this element takes"
        case .unknownName(let word): "there is no value '\(word)'"
        case .unknownWord(let word, let words): "'\(word)' is not one of \(words.joined(separator: ", "))"
        case .missing(let what): "\(what) is missing"
        case .duplicate(let word): "'\(word)' is there twice"
        case .notALength(let key): "\(key) is not a number such as 12.5, -12 or 50%+12"
        case .outOfRange(let key, let lowest, let highest):
            "\(key) takes \(Self.short(lowest)) to \(Self.short(highest))"
        case .unclosedQuote: "a text has no closing quote"
        case .unclosedBrace: "a '{' has no '}'; write '{{' for a brace"
        case .unexpectedText: "there is a text, or a value, where none belongs"
        case .empty: "the template has no element"
        }
    }

    private static func short(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : "\(number)"
    }

    var hints: [String] { ["what a template may hold stands in Docs/templates.md"] }
}
