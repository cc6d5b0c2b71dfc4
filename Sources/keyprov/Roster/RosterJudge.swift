import KeyProvision
import SecretFormats

/// What the chosen keys and the known profiles take.
final class RosterJudge {
    private let features: FamilyFeatures?
    private let issuer: String?
    private let sample: Credential
    private let options: WriteOptions
    private let console: Console
    private let form: (String) throws -> FilledForm
    private let profiles: Set<String>
    /// What came of each profile that was named; nil where its system takes the credentials.
    private var verdicts: [String: RosterObjection?] = [:]

    /// - Parameters:
    ///   - features: of the keys; nil where any will do.
    ///   - issuer: of entries without one.
    ///   - sample: a credential as they will be made, whatever its label.
    ///   - console: for what is not known of a system.
    ///   - form: of a profile, with what goes into it.
    init(
        features: FamilyFeatures?, issuer: String?, sample: Credential, options: WriteOptions = WriteOptions(),
        console: Console, form: @escaping (String) throws -> FilledForm
    ) throws(FileError) {
        self.features = features
        self.issuer = issuer
        self.sample = sample
        self.options = options
        self.console = console
        self.form = form
        profiles = Set(try ProfileLibrary().names())
    }

    static func sampleLabel() throws(FormatError) -> Label { try Label(account: "sample") }

    /// For `RosterCheck`. A profile is named: a path in a roster would have the program open whatever file it says.
    func check(_ entry: RosterEntry) throws(RosterObjection) {
        if let profile = entry.profile { try admit(profile) }
        try features?.check(entry, issuer: issuer, like: sample, options)
    }

    private func admit(_ profile: String) throws(RosterObjection) {
        guard profiles.contains(profile) else { throw .unknownProfile(profile) }
        let verdict = verdicts[profile] ?? judge(profile)
        verdicts[profile] = .some(verdict)
        if let verdict { throw verdict }
    }

    private func judge(_ profile: String) -> RosterObjection? {
        do {
            try form(profile).admit(sample, madeHere: true, console)
            return nil
        } catch {
            return .profile(reason: Diagnosis(error).message)
        }
    }
}
