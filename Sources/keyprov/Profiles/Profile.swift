/// One system that takes part in two-factor authentication: what it is told, what it takes, and what is done there.
///
/// Profiles are data: a file each, built into the program (`BuiltIn`) or written by its user. How such a file is
/// written stands in `Docs/adding-a-profile.md`.
struct Profile: Equatable, Sendable {
    enum Role: String, CaseIterable, Sendable {
        /// Makes the secret itself and takes none that was made elsewhere.
        case server
        /// Is given a secret when an account is made there.
        case form
        /// Computes codes from a secret that it is given.
        case app, key
    }

    /// What a value is known from: names of the profile's `sources`.
    struct Cited<Value: Equatable & Sendable>: Equatable, Sendable {
        let value: Value
        let sources: [String]
    }

    struct Source: Equatable, Sendable {
        let name: String
        let text: String
    }

    /// What a QR code holds that is shown to the system.
    enum QRForm: String, CaseIterable, Sendable {
        case uri, secret, none
    }

    struct Step: Equatable, Sendable {
        /// What the system asks a code for.
        enum CodeUse: String, CaseIterable, Sendable {
            case confirm
            case logIn = "log-in"
        }

        /// What this program does of it, when it is asked to.
        enum Job: String, CaseIterable, Sendable {
            /// Takes the secret over.
            case takeOver = "import"
            case spare
            case recoveryCodes = "recovery-codes"
        }

        let text: String
        var code: CodeUse?
        var job: Job?
        let sources: [String]
    }

    let name: String
    /// As people call the system, for a sentence and a table.
    let title: String
    let role: Role
    /// In the order of the system's form.
    let fields: [FormField]
    /// For each parameter what is known; nothing is known of one that is missing.
    let rules: [Parameter: ParameterRule]
    /// The first one is what is drawn; nil where it is not known.
    let qrForms: Cited<[QRForm]>?
    let spelling: SecretSpelling
    /// What stands between several values of one field.
    let separator: Character
    let steps: [Step]
    let notes: [Cited<String>]
    /// What nobody has published.
    let unknowns: [String]
    let recoveryCodes: Cited<RecoveryCodeShape>?
    /// The profile of the server whose secret this is; nil where a new one will do.
    let secretOf: Cited<String>?
    let sources: [Source]

    static let standardSeparator: Character = ";"

    /// Languages in which any label is known, English first.
    var languages: [Language] {
        [.english] + Set(fields.flatMap(\.labels.keys)).subtracting([.english]).sorted { $0.rawValue < $1.rawValue }
    }
}

/// A language, by its two letters (ISO 639-1).
struct Language: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let english = Language(letters: "en")

    init?(rawValue: String) {
        guard rawValue.utf8.count == 2, rawValue.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else {
            return nil
        }
        self.rawValue = rawValue
    }

    private init(letters: String) { rawValue = letters }
}
