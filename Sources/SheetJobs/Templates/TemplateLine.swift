/// One line of a template, taken apart: a statement, `key=value` pairs, words, and a text in quotes.
///
/// ```
/// text x=20 y=30 w=-20 h=8 size=12 bold "{owner}"
/// ```
///
/// In a text `\"` stands for a quote, `\\` for a backslash and `\n` for a line break.
struct TemplateLine {
    let number: Int
    let statement: String
    private(set) var values: [String: String] = [:]
    private(set) var flags: Set<String> = []
    private(set) var text: String?

    /// nil for an empty line or a comment.
    init?(_ line: Substring, number: Int) throws(TemplateError) {
        self.number = number
        var rest = line.drop { $0 == " " || $0 == "\t" }
        guard let first = rest.first, first != "#" else { return nil }
        statement = Self.word(from: &rest)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard let next = rest.first else { break }
            if next == "\"" {
                guard text == nil else { throw error(.unexpectedText) }
                text = try Self.quoted(from: &rest, number)
                continue
            }
            let word = Self.word(from: &rest)
            guard let equals = word.firstIndex(of: "=") else {
                guard flags.insert(word).inserted else { throw error(.duplicate(word)) }
                continue
            }
            let key = String(word[..<equals])
            guard values.updateValue(String(word[word.index(after: equals)...]), forKey: key) == nil else {
                throw error(.duplicate(key))
            }
        }
    }

    func error(_ reason: TemplateError.Reason) -> TemplateError { TemplateError(line: number, reason: reason) }

    /// Refuses what the statement does not know.
    func allow(keys: Set<String>, flags: Set<String> = [], text: Bool = false) throws(TemplateError) {
        for key in values.keys.sorted() where !keys.contains(key) { throw error(.unknownKey(key)) }
        for flag in self.flags.sorted() where !flags.contains(flag) { throw error(.unknownKey(flag)) }
        guard text == (self.text != nil) else { throw error(text ? .missing("text") : .unexpectedText) }
    }

    func number(_ key: String, in range: ClosedRange<Double>, default standard: Double) throws(TemplateError) -> Double
    {
        guard let value = values[key] else { return standard }
        guard let number = Self.decimal(value[...]) else { throw error(.notALength(key)) }
        guard range.contains(number) else {
            throw error(.outOfRange(key, lowest: range.lowerBound, highest: range.upperBound))
        }
        return number
    }

    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: String, default standard: Choice
    ) throws(TemplateError) -> Choice {
        guard let value = values[key] else { return standard }
        guard let choice = Choice(rawValue: value) else {
            throw error(.unknownWord(value, of: Choice.allCases.map(\.rawValue)))
        }
        return choice
    }

    /// - Parameter standard: what is meant where nothing is said; nil where something must be.
    func length(_ key: String, default standard: Double? = nil) throws(TemplateError) -> Template.Length {
        guard let value = values[key] else {
            guard let standard else { throw error(.missing(key)) }
            return Template.Length(fraction: nil, millimeters: standard)
        }
        var (fraction, rest) = (Double?.none, value[...])
        if let percent = rest.firstIndex(of: "%") {
            guard let number = Self.decimal(rest[..<percent]) else { throw error(.notALength(key)) }
            guard 0...100 ~= number else { throw error(.outOfRange(key + " (%)", lowest: 0, highest: 100)) }
            fraction = number / 100
            rest = rest[rest.index(after: percent)...]
            if rest.isEmpty { return Template.Length(fraction: fraction, millimeters: 0) }
            guard let sign = rest.first, sign == "+" || sign == "-" else { throw error(.notALength(key)) }
            if sign == "+" { rest = rest.dropFirst() }
        }
        guard let millimeters = Self.decimal(rest) else { throw error(.notALength(key)) }
        guard abs(millimeters) <= Self.longestSide else {
            throw error(.outOfRange(key, lowest: -Self.longestSide, highest: Self.longestSide))
        }
        return Template.Length(fraction: fraction, millimeters: millimeters)
    }

    /// Millimeters: no page is longer.
    private static let longestSide = 2000.0

    /// Digits with a point and a sign, and nothing else of what `Double` takes.
    private static func decimal(_ text: Substring) -> Double? {
        let digits = text.first == "-" ? text.dropFirst() : text
        guard digits.first?.isASCII == true, digits.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }) else {
            return nil
        }
        return Double(text)
    }

    private static func word(from rest: inout Substring) -> String {
        let word = rest.prefix { $0 != " " && $0 != "\t" }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private static func quoted(from rest: inout Substring, _ number: Int) throws(TemplateError) -> String {
        var text = ""
        var isEscaped = false
        rest.removeFirst()
        while let character = rest.popFirst() {
            if isEscaped {
                text.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return text
            } else {
                text.append(character)
            }
        }
        throw TemplateError(line: number, reason: .unclosedQuote)
    }
}
