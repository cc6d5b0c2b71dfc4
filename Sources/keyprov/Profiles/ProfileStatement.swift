/// One line of a profile file.
///
///     line       =  statement | comment | blank
///     comment    =  "#" text
///     statement  =  keyword *( " " argument ) ":" text [ "[" source *( "," source ) "]" ]
///
/// The first colon ends the arguments, so a text may have colons. Spaces and tabs around each part are left out.
struct ProfileStatement {
    enum Keyword: String, CaseIterable {
        case title, role, source, field, needed, advanced, preset, separator, qr, step, note, unknown
        case type, algorithm, digits, period
        case secretBytes = "secret-bytes"
        case secretOf = "secret-of"
        case secretCase = "secret-case"
        case secretGroups = "secret-groups"
        case secretPadding = "secret-padding"
        case recoveryCodes = "recovery-codes"
    }

    let line: Int
    let keyword: Keyword
    let arguments: [String]
    let text: String
    let sources: [String]

    /// nil for a line that says nothing.
    init?(_ content: String, line: Int) throws(ProfileError) {
        func error(_ reason: ProfileError.Reason) -> ProfileError { ProfileError(line: line, reason: reason) }
        let content = Self.trimmed(content[...])
        guard !content.isEmpty, !content.hasPrefix("#") else { return nil }
        let plain = content.replacing("\t", with: " ")
        guard TerminalText.safe(plain) == plain else { throw error(.controlCharacter) }
        guard let colon = plain.firstIndex(of: ":") else { throw error(.noColon) }
        let words = plain[..<colon].split(separator: " ").map(String.init)
        guard let keyword = words.first.flatMap(Keyword.init) else { throw error(.unknownKeyword) }
        let (text, sources) = Self.withoutSources(Self.trimmed(plain[plain.index(after: colon)...]))
        guard !text.isEmpty else { throw error(.empty) }
        guard sources.allSatisfy(Self.isName) else { throw error(.malformedSourceName) }
        self.line = line
        self.keyword = keyword
        arguments = Array(words.dropFirst())
        self.text = text
        self.sources = sources
    }

    func error(_ reason: ProfileError.Reason) -> ProfileError { ProfileError(line: line, reason: reason) }

    /// The parts of a text between commas.
    var list: [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed($0) }
    }

    /// Names of sources and profiles: small letters, digits, `-` and `.`.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// A number in its one spelling: no sign, no leading zeros.
    static func number(_ text: some StringProtocol) -> Int? { Int(text).flatMap { String($0) == text ? $0 : nil } }

    static func trimmed(_ text: Substring) -> String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }

    private static func withoutSources(_ text: String) -> (text: String, sources: [String]) {
        guard text.hasSuffix("]"), let open = text.lastIndex(of: "[") else { return (text, []) }
        let names = text[text.index(after: open)...].dropLast()
        return (
            trimmed(text[..<open]),
            names.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
        )
    }
}
