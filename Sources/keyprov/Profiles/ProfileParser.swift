/// Puts a profile together from the statements of its file.
struct ProfileParser {
    private var once: Set<ProfileStatement.Keyword> = []
    private var title: String?
    private var role: Profile.Role?
    private var fields: [FormField] = []
    private var rules: [Parameter: ParameterRule] = [:]
    private var qrForms: Profile.Cited<[Profile.QRForm]>?
    private var spelling = SecretSpelling()
    private var separator = Profile.standardSeparator
    private var steps: [Profile.Step] = []
    private var notes: [Profile.Cited<String>] = []
    private var unknowns: [String] = []
    private var recoveryCodes: Profile.Cited<RecoveryCodeShape>?
    private var secretOf: Profile.Cited<String>?
    private var sources: [Profile.Source] = []
    /// Names that statements cite, with the line.
    private var cited: [(name: String, line: Int)] = []

    mutating func take(_ statement: ProfileStatement) throws(ProfileError) {
        cited += statement.sources.map { ($0, statement.line) }
        switch statement.keyword {
        case .field: try takeField(statement)
        case .preset: try takePreset(statement)
        case .needed: try takeNeeded(statement)
        case .advanced: try takeAdvanced(statement)
        case .source: try takeSource(statement)
        case .step: try takeStep(statement)
        case .note: notes.append(try cite(statement.text, statement))
        case .unknown:
            try refuseArguments(of: statement)
            unknowns.append(statement.text)
        default:
            guard once.insert(statement.keyword).inserted else { throw statement.error(.givenTwice) }
            try refuseArguments(of: statement)
            try takeSingle(statement)
        }
    }

    /// - Parameter lastLine: where an error is reported that is of no single line.
    func profile(named name: String, lastLine: Int) throws(ProfileError) -> Profile {
        guard let title else { throw ProfileError(line: lastLine, reason: .incomplete(.title)) }
        guard let role else { throw ProfileError(line: lastLine, reason: .incomplete(.role)) }
        guard role == .server || fields.contains(where: { $0.name == .secret }) else {
            throw ProfileError(line: lastLine, reason: .noSecretField)
        }
        for (name, line) in cited where !sources.contains(where: { $0.name == name }) {
            throw ProfileError(line: line, reason: .unknownSource)
        }
        return Profile(
            name: name, title: title, role: role, fields: fields, rules: rules, qrForms: qrForms, spelling: spelling,
            separator: separator, steps: steps, notes: notes, unknowns: unknowns, recoveryCodes: recoveryCodes,
            secretOf: secretOf, sources: sources)
    }

    // MARK: Statements that stand once

    private mutating func takeSingle(_ statement: ProfileStatement) throws(ProfileError) {
        switch statement.keyword {
        case .title: title = statement.text
        case .role:
            guard let role = Profile.Role(rawValue: statement.text) else { throw statement.error(.unknownRole) }
            self.role = role
        case .separator:
            guard let character = statement.text.first, statement.text.count == 1 else {
                throw statement.error(.malformedSeparator)
            }
            separator = character
        case .qr:
            var forms: [Profile.QRForm] = []
            for word in statement.list {
                guard let form = Profile.QRForm(rawValue: word), !forms.contains(form) else {
                    throw statement.error(.malformedQRForm)
                }
                forms.append(form)
            }
            guard forms.count == 1 || !forms.contains(.none) else { throw statement.error(.malformedQRForm) }
            qrForms = try cite(forms, statement)
        case .secretCase: spelling.isLowerCase = try choice(statement, ["upper": false, "lower": true])
        case .secretPadding: spelling.isPadded = try choice(statement, ["none": false, "full": true])
        case .secretGroups: spelling.groupLength = try groupLength(statement)
        case .secretOf:
            guard ProfileStatement.isName(statement.text) else { throw statement.error(.malformedProfileName) }
            secretOf = try cite(statement.text, statement)
        case .recoveryCodes: recoveryCodes = try cite(try recoveryCodeShape(statement), statement)
        default:
            guard let parameter = Parameter(rawValue: statement.keyword.rawValue) else {
                throw statement.error(.unknownKeyword)
            }
            rules[parameter] = try ParameterRule(statement, parameter)
        }
    }

    private func choice<Value>(_ statement: ProfileStatement, _ values: [String: Value]) throws(ProfileError) -> Value {
        guard let value = values[statement.text] else { throw statement.error(.malformedSpelling) }
        return value
    }

    private static let groupLengths = 1...16

    private func groupLength(_ statement: ProfileStatement) throws(ProfileError) -> Int? {
        if statement.text == "none" { return nil }
        guard let length = ProfileStatement.number(statement.text), Self.groupLengths.contains(length) else {
            throw statement.error(.malformedSpelling)
        }
        return length
    }

    /// `10 of 8`: ten codes of eight characters.
    private func recoveryCodeShape(_ statement: ProfileStatement) throws(ProfileError) -> RecoveryCodeShape {
        let words = statement.text.split(separator: " ")
        guard words.count == 3, words[1] == "of", let count = ProfileStatement.number(words[0]),
            let length = ProfileStatement.number(words[2]),
            let shape = RecoveryCodeShape(count: count, length: length)
        else { throw statement.error(.malformedRecoveryCodes) }
        return shape
    }

    // MARK: Statements that stand several times

    /// `field NAME: LABEL`, and `field NAME LANGUAGE: LABEL` for another language than English.
    private mutating func takeField(_ statement: ProfileStatement) throws(ProfileError) {
        guard let name = statement.arguments.first.flatMap(FieldName.init) else { throw statement.error(.unknownField) }
        switch statement.arguments.count {
        case 1:
            guard index(of: name) == nil else { throw statement.error(.givenTwice) }
            fields.append(FormField(name: name, labels: [.english: statement.text], sources: statement.sources))
        case 2:
            guard let language = Language(rawValue: statement.arguments[1]) else {
                throw statement.error(.malformedLanguage)
            }
            guard let index = index(of: name) else { throw statement.error(.fieldBefore) }
            fields[index].cite(statement.sources)
            guard fields[index].labels.updateValue(statement.text, forKey: language) == nil else {
                throw statement.error(.givenTwice)
            }
        default: throw statement.error(.wrongArguments)
        }
    }

    private mutating func takePreset(_ statement: ProfileStatement) throws(ProfileError) {
        guard statement.arguments.count == 1 else { throw statement.error(.wrongArguments) }
        let index = try field(statement.arguments[0], statement)
        guard fields[index].name.takesPreset else { throw statement.error(.noPreset) }
        guard fields[index].preset == nil else { throw statement.error(.givenTwice) }
        fields[index].preset = statement.text
        fields[index].cite(statement.sources)
    }

    /// `needed: A, B` for both, `needed one: A, B` for either.
    private mutating func takeNeeded(_ statement: ProfileStatement) throws(ProfileError) {
        guard statement.arguments.isEmpty || statement.arguments == ["one"] else {
            throw statement.error(.wrongArguments)
        }
        var indices: [Int] = []
        for name in statement.list { indices.append(try field(name, statement)) }
        let names = indices.map { fields[$0].name }
        for index in indices {
            guard fields[index].need == .optional else { throw statement.error(.givenTwice) }
            fields[index].cite(statement.sources)
            fields[index].need = statement.arguments.isEmpty ? .always : .oneOf(names)
        }
    }

    /// Fields that are left out for the usual settings.
    private mutating func takeAdvanced(_ statement: ProfileStatement) throws(ProfileError) {
        try refuseArguments(of: statement)
        for name in statement.list {
            let index = try field(name, statement)
            guard FieldName.settings.contains(fields[index].name) else { throw statement.error(.noSetting) }
            fields[index].cite(statement.sources)
            fields[index].isAdvanced = true
        }
    }

    private mutating func takeSource(_ statement: ProfileStatement) throws(ProfileError) {
        guard statement.arguments.count == 1 else { throw statement.error(.wrongArguments) }
        let name = statement.arguments[0]
        guard ProfileStatement.isName(name) else { throw statement.error(.malformedSourceName) }
        guard !sources.contains(where: { $0.name == name }) else { throw statement.error(.givenTwice) }
        sources.append(Profile.Source(name: name, text: statement.text))
    }

    private mutating func takeStep(_ statement: ProfileStatement) throws(ProfileError) {
        var step = Profile.Step(text: statement.text, sources: statement.sources)
        if let word = statement.arguments.first {
            guard statement.arguments.count == 1 else { throw statement.error(.wrongArguments) }
            (step.code, step.job) = (Profile.Step.CodeUse(rawValue: word), Profile.Step.Job(rawValue: word))
            guard step.code != nil || step.job != nil else { throw statement.error(.unknownStep) }
        }
        steps.append(step)
    }

    // MARK: Helpers

    private func index(of name: FieldName) -> Int? { fields.firstIndex { $0.name == name } }

    private func field(_ name: String, _ statement: ProfileStatement) throws(ProfileError) -> Int {
        guard let name = FieldName(rawValue: name) else { throw statement.error(.unknownField) }
        guard let index = index(of: name) else { throw statement.error(.fieldMissing) }
        return index
    }

    private func refuseArguments(of statement: ProfileStatement) throws(ProfileError) {
        guard statement.arguments.isEmpty else { throw statement.error(.wrongArguments) }
    }

    private func cite<Value>(_ value: Value, _ statement: ProfileStatement) throws(ProfileError) -> Profile.Cited<Value>
    {
        try refuseArguments(of: statement)
        return Profile.Cited(value: value, sources: statement.sources)
    }
}
