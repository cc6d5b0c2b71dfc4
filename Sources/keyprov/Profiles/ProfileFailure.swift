/// Why a profile cannot be used, or cannot be used for what was asked.
enum ProfileFailure: Error, Equatable {
    case noSuchProfile(String, known: [String])
    case malformed(path: String, ProfileError)
    /// nil for `takes` where other values may be taken as well.
    case parameter(Parameter, title: String, takes: [String]?, ParameterRule.Others)
    /// The system makes the secret, so one that is made here would be in no server.
    case makesItsOwnSecret(name: String, title: String)
    /// The secret is the one that the server of another profile makes.
    case secretOfAnother(name: String, title: String, other: String)
    case noField(option: String, name: String)
    case noLanguage(name: String, known: [Language])
    /// A value of an option that cannot stand among others in one field.
    case unusableValue(option: String, separator: Character)
}

/// What is wrong with a profile file, and on which line, counted from 1.
///
/// It holds nothing of the file: somebody may have named one with secrets in it.
struct ProfileError: Error, Hashable {
    enum Reason: Hashable {
        case notUTF8
        case controlCharacter
        case noColon
        case unknownKeyword
        case empty
        case givenTwice
        case wrongArguments
        case unknownRole
        case malformedSourceName
        case malformedProfileName
        case unknownSource
        case malformedParameter
        case noWordOnOthers
        case unknownField
        case fieldBefore
        case fieldMissing
        case noSetting
        case noPreset
        case malformedLanguage
        case malformedSpelling
        case malformedQRForm
        case malformedSeparator
        case unknownStep
        case malformedRecoveryCodes
        case incomplete(ProfileStatement.Keyword)
        case noSecretField
    }

    let line: Int
    let reason: Reason
}
