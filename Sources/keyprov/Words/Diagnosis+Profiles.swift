extension Diagnosis {
    init(_ failure: ProfileFailure) {
        switch failure {
        case .noSuchProfile(let name, let known):
            self.init(
                .usage, "there is no profile '\(name)'",
                hints: ["profiles: " + known.joined(separator: ", "), "a file of your own is named with its path"])
        case .malformed(let path, let error):
            self.init(
                .badInput, "'\(path)': line \(error.line): \(error.reason.text)",
                hints: error.reason.hints + ["'keyprov profiles generic --raw' prints one to compare with"])
        case .parameter(let parameter, let title, let takes, let others):
            let values = takes.map { $0.joined(separator: ", ") + (parameter.unit.map { " \($0)" } ?? "") }
            let what =
                switch (others, values) {
                case (.ignored, let values?): "\(title) ignores all but \(values)"
                case (.ignored, nil): "\(title) ignores this value"
                case (_, let values?): "\(title) takes \(values) only"
                case (_, nil): "\(title) does not take this value"
                }
            self.init(
                .badInput, "\(parameter.rawValue): \(what)",
                hints: others == .ignored ? ["its codes would be wrong"] : [])
        case .makesItsOwnSecret(let name, let title):
            self.init(
                .usage, "--profile: \(title) makes the secret itself and takes no other",
                hints: ["take its secret over: 'keyprov import --profile \(name)'"])
        case .secretOfAnother(let name, let title, let other):
            self.init(
                .usage,
                "--profile: the secret of \(title) is the one that profile '\(other)' takes over, and no new one",
                hints: ["take it over for both: 'keyprov import --profile \(name) --also text'"])
        case .noField(let option, let name):
            self.init(
                .usage, "\(option): the form of profile '\(name)' has no such field",
                hints: ["'keyprov profiles \(name)' shows what it has"])
        case .noLanguage(let name, let known):
            self.init(
                .usage, "--language: the labels of profile '\(name)' are not known in that language",
                hints: ["known: " + known.map(\.rawValue).joined(separator: ", ")])
        case .unusableValue("--login", _):
            self.init(.usage, "--login takes a name without control characters and outer spaces")
        case .unusableValue(let option, let separator):
            self.init(
                .usage, "\(option) takes one value, without '\(separator)', control characters and outer spaces",
                hints: ["give \(option) once for each"])
        }
    }
}

extension ProfileError.Reason {
    var text: String {
        switch self {
        case .notUTF8: "not UTF-8"
        case .controlCharacter: "a control character"
        case .noColon: "no colon: a statement is 'KEYWORD: TEXT'"
        case .unknownKeyword: "unknown keyword"
        case .empty: "no text after the colon"
        case .givenTwice: "given before"
        case .wrongArguments: "too many or too few words before the colon"
        case .unknownRole: "no such role"
        case .malformedSourceName: "names of sources have small letters, digits, '-' and '.' only"
        case .malformedProfileName: "names of profiles have small letters, digits, '-' and '.' only"
        case .unknownSource: "cites a source that no 'source' statement gives"
        case .malformedParameter: "a value that no credential can have, or one twice"
        case .noWordOnOthers: "it has to say what becomes of other values"
        case .unknownField: "no such field"
        case .fieldBefore: "the English label has to stand before those in other languages"
        case .fieldMissing: "there is no 'field' statement for it above"
        case .noSetting: "only type, algorithm, digits and period have a usual value"
        case .noPreset: "what goes in there is the credential's, or a password, and no profile's"
        case .malformedLanguage: "a language is two small letters"
        case .malformedSpelling: "no such spelling"
        case .malformedQRForm: "not 'uri', 'secret' or both, nor 'none'"
        case .malformedSeparator: "a separator is one character"
        case .unknownStep: "a step is of no such kind"
        case .malformedRecoveryCodes: "not 'NUMBER of LENGTH', each from 1 to 64"
        case .incomplete(let keyword): "the file ends without '\(keyword.rawValue)'"
        case .noSecretField: "the file ends without 'field secret', which all but servers have"
        }
    }

    var hints: [String] {
        switch self {
        case .unknownKeyword:
            ["keywords: " + ProfileStatement.Keyword.allCases.map(\.rawValue).joined(separator: ", ")]
        case .unknownRole: ["roles: " + Profile.Role.allCases.map(\.rawValue).joined(separator: ", ")]
        case .unknownStep:
            [
                "kinds of steps: "
                    + (Profile.Step.CodeUse.allCases.map(\.rawValue) + Profile.Step.Job.allCases.map(\.rawValue))
                    .joined(separator: ", ")
            ]
        case .unknownField:
            ["fields: " + FieldName.all.map(\.rawValue).joined(separator: ", ") + "; your own begin with 'x-'"]
        case .noWordOnOthers: ["for instance 'digits: 6; others refused'; or 'any', or 'unknown'"]
        case .malformedSpelling:
            ["secret-case: upper or lower; secret-groups: none or 1 to 16; secret-padding: none or full"]
        default: []
        }
    }
}

extension Parameter {
    fileprivate var unit: String? {
        switch self {
        case .type, .algorithm, .digits: nil
        case .period: "seconds"
        case .secretBytes: "bytes"
        }
    }

    /// A warning.
    func doubt(about title: String) -> String { "\(rawValue): it is not known whether \(title) takes this value" }
}

extension FormField.Need {
    /// In the place of a value.
    var text: String {
        switch self {
        case .optional: "(may stay empty)"
        case .always: "(needed: fill it in there)"
        case .oneOf: "(needed: fill in this one or the other)"
        }
    }
}
