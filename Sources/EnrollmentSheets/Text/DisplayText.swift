/// Text of others, made fit for a line on paper.
enum DisplayText {
    /// Characters that are kept of one value: a place that takes more at three points is larger than any page.
    private static let longest = 600

    /// The text without what steers instead of showing: control characters, and format characters such as those that
    /// turn the direction of what follows. A visible mark stands in for them, so that nobody takes the text for a clean
    /// one. Line breaks stay where `keepsLines` says so.
    static func shown(_ text: String, keepsLines: Bool = false) -> String {
        var shown = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            guard index < longest else {
                shown.append(ellipsis)
                break
            }
            shown.append(keepsLines && scalar == "\n" || isShown(scalar) ? scalar : replacement)
        }
        return String(shown)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        // Persian and the scripts of India need these two to be written right.
        case .format: scalar == zeroWidthJoiner || scalar == zeroWidthNonJoiner
        default: true
        }
    }

    private static let replacement: Unicode.Scalar = "\u{FFFD}"
    private static let ellipsis: Unicode.Scalar = "…"
    private static let zeroWidthJoiner: Unicode.Scalar = "\u{200D}"
    private static let zeroWidthNonJoiner: Unicode.Scalar = "\u{200C}"
}
