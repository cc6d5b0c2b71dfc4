extension Template {
    public static let header = "keyprov-template"
    /// Of the form that is read here.
    public static let version = "1"
    /// Bytes.
    public static let longest = 64 << 10

    /// Reads a template.
    ///
    /// - Parameter language: of the phrases that it uses, unless it names one itself.
    public init(parsing bytes: [UInt8], language: SheetLanguage) throws(TemplateError) {
        guard bytes.count <= Self.longest else { throw TemplateError(line: 1, reason: .tooLong(limit: Self.longest)) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TemplateError(line: 1, reason: .notUTF8)
        }
        self.init()
        var language = language
        var (hasHeader, seen) = (false, Set<String>())
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard let line = try TemplateLine(line, number: index + 1) else { continue }
            guard hasHeader else {
                guard line.statement == Self.header, line.flags == [Self.version] else { throw line.error(.noHeader) }
                hasHeader = true
                continue
            }
            switch line.statement {
            case "layout", "language":
                guard seen.insert(line.statement).inserted else { throw line.error(.duplicate(line.statement)) }
                guard let word = line.flags.first, line.flags.count == 1, line.values.isEmpty, line.text == nil else {
                    throw line.error(.missing(line.statement))
                }
                guard line.statement == "layout" else {
                    language = try Self.word(word, line)
                    continue
                }
                layout = try Self.word(word, line)
            case "title":
                try line.allow(keys: [], text: true)
                title = try Self.plain(line.text ?? "", language, line)
            default: elements.append(try Self.element(line, language))
            }
        }
        guard hasHeader else { throw TemplateError(line: 1, reason: .noHeader) }
        guard !elements.isEmpty else { throw TemplateError(line: 1, reason: .empty) }
    }

    private static func word<Word: CaseIterable & RawRepresentable<String>>(
        _ text: String, _ line: TemplateLine
    ) throws(TemplateError) -> Word {
        guard let word = Word(rawValue: text) else {
            throw line.error(.unknownWord(text, of: Word.allCases.map(\.rawValue)))
        }
        return word
    }

    /// A text without values.
    private static func plain(
        _ text: String, _ language: SheetLanguage, _ line: TemplateLine
    ) throws(TemplateError) -> String {
        var plain = ""
        for segment in try Segment.parse(text, language, line) {
            guard case .literal(let text) = segment else { throw line.error(.unexpectedText) }
            plain += text
        }
        return plain
    }
}
