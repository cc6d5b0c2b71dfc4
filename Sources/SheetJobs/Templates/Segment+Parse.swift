extension Template.Segment {
    /// Takes a text apart: `{name}` is a value, `{$phrase}` a text of the language, `{{` a brace.
    static func parse(
        _ text: String, _ language: SheetLanguage, _ line: TemplateLine
    ) throws(TemplateError) -> [Template.Segment] {
        var segments: [Template.Segment] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "{" else {
                literal.append(character)
                continue
            }
            if rest.first == "{" {
                literal.append(rest.removeFirst())
                continue
            }
            guard let end = rest.firstIndex(of: "}") else { throw line.error(.unclosedBrace) }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if !literal.isEmpty { segments.append(.literal(literal)) }
            literal = ""
            segments += try named(name, language, line)
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return segments
    }

    private static func named(
        _ name: String, _ language: SheetLanguage, _ line: TemplateLine
    ) throws(TemplateError) -> [Template.Segment] {
        switch name {
        case "n": return [.number]
        case "m": return [.total]
        case "page": return [.page]
        case "words": return [.words]
        case "secret": return [.secret]
        case _ where name.hasPrefix("$"):
            guard let phrase = Phrase(rawValue: String(name.dropFirst())) else { throw line.error(.unknownName(name)) }
            return try parse(language.text(of: phrase), language, line)
        default:
            guard let name = SheetEntry.Name.named(name) else { throw line.error(.unknownName(name)) }
            return [.value(name)]
        }
    }
}
