/// What a page looks like: texts, codes, lines and tables at places in millimeters. Docs/templates.md describes the form.
public struct Template: Sendable {
    public enum Layout: String, CaseIterable, Sendable {
        /// A page for each entry.
        case page
        /// A label for each entry.
        case label
        /// Entries in the rows of a table, over as many pages as it takes.
        case list
    }

    public var layout = Layout.page
    /// The title in the document's properties.
    public var title = ""
    public var elements: [Element] = []

    public var usesLogo: Bool { elements.contains { if case .logo = $0.content { true } else { false } } }

    /// Something on the page.
    public struct Element: Sendable {
        /// On which pages of an entry it stands.
        public enum Part: String, CaseIterable, Sendable {
            /// On all.
            case all
            /// Only where the secret may stand.
            case secret
            /// Not on the page that a split leaves to the secret alone.
            case rest
            /// Only on pages without the secret.
            case open
        }

        public var box: Box
        public var part = Part.all
        /// What the entry must have for it to be there.
        public var condition: Condition?
        public var content: Content
    }

    public enum Condition: Hashable, Sendable {
        case value(SheetEntry.Name)
        case codes, fields, recovery
    }

    public enum Content: Sendable {
        case text(TextStyle, [Segment])
        /// Numbered paragraphs, all in one size.
        case list(TextStyle, [[Segment]])
        /// Labels and values of the entry, one below the other; what the entry does not have is left out.
        case rows(TextStyle, [SheetEntry.Name], labels: [String])
        /// Labels and values of the server's form.
        case fields(TextStyle)
        case codes(TextStyle)
        /// Codes with boxes to tick.
        case recovery(TextStyle, columns: Int)
        case qr(Correction)
        case rule(thickness: Double, isDashed: Bool)
        case frame(thickness: Double)
        case logo
        case table(TextStyle, [Column])
    }

    /// How much of a code may be unreadable, see `QRCode.Correction`.
    public enum Correction: String, CaseIterable, Sendable {
        case l = "L"
        case m = "M"
        case q = "Q"
        case h = "H"
    }

    public struct Column: Sendable {
        public enum Content: Sendable {
            case number
            case value(SheetEntry.Name)
            /// Room to sign.
            case received
        }

        public var content: Content
        public var heading: String
        /// Its share of the width.
        public var weight: Double
    }

    /// A piece of text.
    public enum Segment: Hashable, Sendable {
        case literal(String)
        case value(SheetEntry.Name)
        /// The entry's number, and how many there are.
        case number, total, page
        /// What the credential is, in words.
        case words
        case secret
    }

    public struct TextStyle: Hashable, Sendable {
        public enum Alignment: String, CaseIterable, Sendable {
            case left, center, right
        }

        public enum VerticalAlignment: String, CaseIterable, Sendable {
            case top, middle, bottom
        }

        /// Points.
        public var size = 10.0
        public var isBold = false
        /// A typeface with letters of one width, in which 0 and O, 1, I and l differ.
        public var isMono = false
        public var alignment = Alignment.left
        public var verticalAlignment = VerticalAlignment.top
    }
}
