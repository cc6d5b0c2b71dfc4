/// Whose credential it is: the account's name and who issued it, as apps and servers list them.
///
/// A label holds nothing that some format could not carry: neither part has a colon, which separates the two in most
/// formats and on the devices, a control character or line break, or a space at an end, which readers trim.
public struct Label: Hashable, Sendable {
    /// The organization or server; nil when it is not known, never empty.
    public let issuer: String?
    /// The user's name there, never empty.
    public let account: String

    /// Throws an error that names the field and the position of the wrong character.
    public init(issuer: String? = nil, account: String) throws(FormatError) {
        if let issuer { try Self.check(issuer, field: .issuer) }
        try Self.check(account, field: .account)
        self.issuer = issuer
        self.account = account
    }

    private static func check(_ text: String, field: FormatError.Field) throws(FormatError) {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
            throw FormatError(.missing, .empty, field: field)
        }
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if scalar == ":" {
                throw FormatError(.malformed, .colon, field: field, position: index + 1, character: scalar)
            }
            if isControl(scalar) {
                throw FormatError(.malformed, .controlCharacter, field: field, position: index + 1)
            }
        }
        if first == " " { throw FormatError(.malformed, .outerSpace, field: field, position: 1) }
        if last == " " {
            throw FormatError(.malformed, .outerSpace, field: field, position: text.unicodeScalars.count)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // Looking up properties takes longer than all else that is done with a label.
        if scalar.isASCII { return scalar < " " || scalar == "\u{7F}" }
        return switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension FormatError.Reason {
    public static let colon: Self = "a colon, which separates issuer and account"
    public static let controlCharacter: Self = "a control character"
    public static let outerSpace: Self = "a space at the start or the end"
}
