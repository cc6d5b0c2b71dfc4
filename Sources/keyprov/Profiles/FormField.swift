/// One field of a form: what goes in, and what the form calls it.
struct FormField: Equatable, Sendable {
    enum Need: Equatable, Sendable {
        case optional
        case always
        /// One of these, of which it is one itself.
        case oneOf([FieldName])
    }

    let name: FieldName
    /// English is always there.
    var labels: [Language: String]
    var need = Need.optional
    /// Asked for only where the value is not the one that everybody assumes.
    var isAdvanced = false
    /// What goes in, whatever the credential.
    var preset: String?
    private(set) var sources: [String]

    mutating func cite(_ names: [String]) { sources += names.filter { !sources.contains($0) } }

    func label(in language: Language) -> String { labels[language] ?? labels[.english] ?? name.rawValue }
}

/// What a field of a form takes. A form's own fields begin with `x-`.
struct FieldName: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    // Of the credential.
    static let issuer = FieldName("issuer")
    static let account = FieldName("account")
    static let secret = FieldName("secret")
    static let type = FieldName("type")
    static let algorithm = FieldName("algorithm")
    static let digits = FieldName("digits")
    static let period = FieldName("period")
    static let counter = FieldName("counter")

    // Of the account that it belongs to.
    static let name = FieldName("name")
    static let urls = FieldName("urls")
    static let apps = FieldName("apps")
    /// Sites and applications in one field.
    static let sites = FieldName("sites")
    static let loginType = FieldName("login-type")
    static let login = FieldName("login")
    static let password = FieldName("password")
    static let confirmPassword = FieldName("confirm-password")

    static let all = [
        issuer, account, secret, type, algorithm, digits, period, counter, name, urls, apps, sites, loginType, login,
        password, confirmPassword,
    ]

    /// Whether a profile may say what goes in: not for what is the credential's, nor for a password in a file.
    var takesPreset: Bool {
        switch self {
        case .issuer, .account, .secret, .type, .algorithm, .digits, .period, .counter, .password, .confirmPassword:
            false
        default: true
        }
    }

    /// Those that have a value that everybody assumes.
    static let settings = [type, algorithm, digits, period]

    private static let ownPrefix = "x-"

    /// nil for what is neither known nor begins with `x-`.
    init?(rawValue: String) {
        let isOwn = rawValue.hasPrefix(Self.ownPrefix) && rawValue.count > Self.ownPrefix.count
        guard isOwn || Self.all.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ name: String) { rawValue = name }
}
