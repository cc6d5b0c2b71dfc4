// Words of the pages that show profiles.

extension Profile.Role {
    var text: String {
        switch self {
        case .server: "a server that makes the secret itself: 'keyprov import' takes it over"
        case .form: "a form that takes the secret that 'keyprov enroll' makes"
        case .app: "an app that takes a secret"
        case .key: "a key that takes a secret by way of other programs"
        }
    }
}

extension Profile.QRForm {
    var text: String {
        switch self {
        case .uri: "otpauth URI"
        case .secret: "bare secret"
        case .none: "none"
        }
    }
}

extension Profile.Step.CodeUse {
    var text: String {
        switch self {
        case .confirm: "code, to confirm"
        case .logIn: "code, to log in"
        }
    }
}

extension Profile.Step.Job {
    /// How this program does it.
    var hint: String? {
        switch self {
        case .spare: "the command again with --replace --spare writes both keys"
        case .takeOver, .recoveryCodes: nil
        }
    }
}

extension ParameterRule {
    var text: String {
        let special = exceptions.map { "; \($0.values.joined(separator: ", ")) \($0.others.rawValue)" }
        let values = values.joined(separator: ", ") + special.joined()
        return switch others {
        case nil: values
        case .refused?: "\(values); others refused"
        case .ignored?: "\(values); others ignored"
        case .unknown?: taken == .unknown ? ParameterRule.unknownText : "\(values); others not known"
        }
    }

    static let unknownText = "not known"
}

extension SecretSpelling {
    var text: String {
        let groups = groupLength.map { "groups of \($0)" } ?? "no spaces"
        return "\(isLowerCase ? "lower" : "upper") case, \(groups), \(isPadded ? "padded" : "no padding")"
    }
}

/// Headings of a profile's page.
enum ProfileHeading {
    static let fields = "Fields"
    static let takes = "Takes"
    static let secret = "Secret"
    static let secretOf = "Secret of"
    static let qr = "QR code"
    static let separator = "Separator"
    static let recoveryCodes = "Recovery codes"
    static let steps = "Steps"
    static let notes = "Notes"
    static let unknowns = "Not known"
    static let sources = "Sources"
}

extension FormField {
    /// On a profile's page.
    var pageText: String? {
        switch need {
        case .optional where isAdvanced: "only where it is not the usual one"
        case .optional: nil
        case .always: "needed"
        case .oneOf: "this or the other is needed"
        }
    }
}
