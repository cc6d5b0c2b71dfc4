/// Why a template is refused, and on which line.
public struct TemplateError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case notUTF8
        case tooLong(limit: Int)
        /// The first line does not say that this is one.
        case noHeader
        case unknownStatement(String)
        case unknownKey(String)
        case unknownName(String)
        case unknownWord(String, of: [String])
        case missing(String)
        case duplicate(String)
        case notALength(String)
        case outOfRange(String, lowest: Double, highest: Double)
        case unclosedQuote
        case unclosedBrace
        case unexpectedText
        case empty
    }

    /// From 1.
    public let line: Int
    public let reason: Reason

    public init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }
}
