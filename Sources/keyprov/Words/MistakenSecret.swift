/// Recognizes what looks like a secret where the name of something belongs, so that no message repeats it: messages go into
/// logs, and are sent to others.
enum MistakenSecret {
    static let schemes = ["otpauth:", "otpauth-migration:"]
    private static let identity = "age-secret-key-"
    private static let parameter = "secret="
    /// Shorter words are names. Secrets of 80 bits are the shortest that servers hand out.
    private static let shortest = 16
    private static let base32 = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    private static let hex = Set("0123456789ABCDEF")

    static func isURI(_ text: String) -> Bool { schemes.contains { text.lowercased().hasPrefix($0) } }

    static func isLikely(_ text: String) -> Bool {
        let small = text.lowercased()
        if isURI(text) || small.hasPrefix(identity) || small.contains(parameter) { return true }
        let word = text.filter { $0 != " " && $0 != "-" && $0 != "=" }
        guard word.count >= shortest else { return false }
        // Letters alone that are not all capitals are a long name.
        let isName = word.allSatisfy { $0.isLetter } && word.contains { $0.isLowercase }
        let capitals = word.uppercased()
        return !isName && (capitals.allSatisfy(base32.contains) || capitals.allSatisfy(hex.contains))
    }

    /// A text without those of the words that look like secrets.
    static func removed(_ words: [String], from text: String) -> String {
        words.filter(isLikely).reduce(text) { $0.replacing($1, with: omission) }
    }

    private static let omission = "…"
    static let hint = "command lines are no place for secrets: give it on the standard input, or in a file"
}
