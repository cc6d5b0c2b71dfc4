/// What is drawn, but for the entries, which follow one by one.
public struct SheetJob: Sendable {
    public enum Output: UInt8, Sendable {
        case pdf = 1
        /// A picture for each page.
        case png, svg
    }

    /// Which parts of a template a page shows.
    public enum Secrecy: UInt8, Sendable {
        /// All of it on one page.
        case whole = 1
        /// Nothing secret at all.
        case none
        /// Two pages for each entry: first all but the secret, then the secret alone.
        case split
    }

    public var output: Output
    /// Name of a `Medium`.
    public var medium: String
    public var language: SheetLanguage
    /// Text of a template; see `Template`.
    public var template: [UInt8]
    /// A PNG or SVG picture for the template's `logo`.
    public var logo: [UInt8]
    /// Entries to come, for "sheet n of m".
    public var total: Int
    public var secrecy: Secrecy
    /// Labels of the first sheet that are gone already.
    public var skippedLabels: Int
    /// For the date in the document: seconds since 1970.
    public var unixTime: UInt64

    public init(
        output: Output = .pdf, medium: Medium, language: SheetLanguage = .english, template: [UInt8],
        logo: [UInt8] = [],
        total: Int, secrecy: Secrecy = .whole, skippedLabels: Int = 0, unixTime: UInt64
    ) {
        self.output = output
        self.medium = medium.name
        self.language = language
        self.template = template
        self.logo = logo
        self.total = total
        self.secrecy = secrecy
        self.skippedLabels = skippedLabels
        self.unixTime = unixTime
    }

    /// Dots an inch of pictures.
    public static let pictureResolution = 300.0
}
