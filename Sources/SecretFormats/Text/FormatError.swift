/// An input or a value that a format does not take: what is wrong, and where.
///
/// It never holds input text, as that may be a secret. The one exception is `character`, a single character that
/// stands outside the alphabet and so is no part of a secret.
public struct FormatError: Error, Hashable, Sendable {
    /// What kind of trouble; other formats may add to it.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The text breaks the format's own rules.
        public static let malformed = Code(rawValue: "malformed")
        /// Well-formed, but nothing that a credential here, or the readers of the format, can hold.
        public static let unsupported = Code(rawValue: "unsupported")
        /// A part that must be there is not.
        public static let missing = Code(rawValue: "missing")
        /// A part that may be there once is there again.
        public static let duplicate = Code(rawValue: "duplicate")
    }

    /// The part of a credential or of a format that is concerned.
    public struct Field: Hashable, Sendable, ExpressibleByStringLiteral {
        public let name: String
        /// Only from text in the source code, so that no input gets in.
        public init(stringLiteral name: StaticString) { self.name = name.description }

        public static let scheme: Field = "scheme"
        public static let type: Field = "type"
        public static let label: Field = "label"
        public static let issuer: Field = "issuer"
        public static let account: Field = "account"
        public static let secret: Field = "secret"
        public static let algorithm: Field = "algorithm"
        public static let digits: Field = "digits"
        public static let period: Field = "period"
        public static let counter: Field = "counter"
    }

    /// Why, as a fragment of a sentence. Each format keeps its own next to its code.
    public struct Reason: Hashable, Sendable, ExpressibleByStringLiteral {
        public let text: String
        /// Only from text in the source code, so that no input gets in.
        public init(stringLiteral text: StaticString) { self.text = text.description }
        /// For texts that are put together from a format's limits, never from input.
        init(composing text: String) { self.text = text }

        public static let empty: Reason = "empty"
        public static let notUTF8: Reason = "not UTF-8"
        public static let notANumber: Reason = "not a decimal number"
        public static let outOfRange: Reason = "out of range"
        public static let outsideAlphabet: Reason = "a character outside the alphabet"
    }

    public let code: Code
    public let reason: Reason
    public let field: Field?
    /// The first wrong character (Unicode scalar), counted from 1: in the decoded text of `field` when that is given,
    /// in the whole text or line otherwise.
    public let position: Int?
    /// The wrong character itself, when it cannot be part of a secret and shows when printed.
    public let character: Unicode.Scalar?
    /// The line, counted from 1, of a format that has lines.
    public let line: Int?
    /// The record, counted from 1, where there are no lines or the record is to be written.
    public let record: Int?

    public init(
        _ code: Code, _ reason: Reason, field: Field? = nil, position: Int? = nil, character: Unicode.Scalar? = nil,
        line: Int? = nil, record: Int? = nil
    ) {
        self.code = code
        self.reason = reason
        self.field = field
        self.position = position
        self.character = character
        self.line = line
        self.record = record
    }

    /// The same error, known to be about `field`, unless it names one already.
    func about(_ field: Field) -> FormatError {
        FormatError(
            code, reason, field: self.field ?? field, position: position, character: character, line: line,
            record: record)
    }

    /// The same error, known to be on `line`.
    func on(line: Int) -> FormatError {
        FormatError(code, reason, field: field, position: position, character: character, line: line, record: record)
    }

    /// The same error, known to be about the record with this number.
    func inRecord(_ record: Int) -> FormatError {
        FormatError(code, reason, field: field, position: position, character: character, line: line, record: record)
    }
}

extension FormatError: CustomStringConvertible {
    /// For instance `line 3: secret: a character outside the alphabet ('!' at position 7)`.
    public var description: String {
        var text = line.map { "line \($0): " } ?? record.map { "record \($0): " } ?? ""
        if let field { text += "\(field.name): " }
        text += reason.text
        switch (character, position) {
        case (let character?, let position?): text += " ('\(character)' at position \(position))"
        case (nil, let position?): text += " (at position \(position))"
        case (_, nil): break
        }
        return text
    }
}
