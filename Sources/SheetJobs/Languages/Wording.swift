/// Sentences that depend on the entry.
public struct Wording: Sendable {
    public let language: SheetLanguage
    public init(_ language: SheetLanguage) { self.language = language }

    /// What the credential is: kind, hash, digits, period or counter.
    public func words(for entry: SheetEntry) -> String {
        let isCounter = entry.texts[.type] == "hotp"
        let parts: [String?] = [
            entry.texts[.type].map { _ in language.text(of: isCounter ? .typeHOTP : .typeTOTP) },
            entry.texts[.algorithm], filled(.digitsCount, .digits, entry),
            isCounter ? filled(.fromCounter, .counter, entry) : filled(.everySeconds, .period, entry),
        ]
        return parts.compactMap(\.self).joined(separator: " · ")
    }

    /// When a code was valid.
    ///
    /// - Parameter time: a moment as text.
    public func moment(_ moment: UInt64, of entry: SheetEntry, time: (UInt64) -> String) -> String {
        guard entry.texts[.type] == "hotp" else { return time(moment) }
        return Self.fill(language.text(of: .atCounter), .counter, String(moment))
    }

    private func filled(_ phrase: Phrase, _ name: SheetEntry.Name, _ entry: SheetEntry) -> String? {
        entry.texts[name].map { Self.fill(language.text(of: phrase), name, $0) }
    }

    private static func fill(_ text: String, _ name: SheetEntry.Name, _ value: String) -> String {
        text.split(separator: "{\(name.text)}", omittingEmptySubsequences: false).joined(separator: value)
    }
}
