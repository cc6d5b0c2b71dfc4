import KeyProvision
import SecretFormats

/// What the chosen keys and the known profiles take.
struct RosterJudge {
    private let features: FamilyFeatures?
    private let issuer: String?
    private let sample: Credential
    private let options: WriteOptions
    private let profiles: Set<String>

    /// - Parameters:
    ///   - features: of the keys; nil where any will do.
    ///   - issuer: of entries without one.
    ///   - sample: a credential as they will be made, whatever its label.
    init(
        features: FamilyFeatures?, issuer: String?, sample: Credential, options: WriteOptions = WriteOptions()
    ) throws(FileError) {
        self.features = features
        self.issuer = issuer
        self.sample = sample
        self.options = options
        profiles = Set(try ProfileLibrary().names())
    }

    static func sampleLabel() throws(FormatError) -> Label { try Label(account: "sample") }

    /// For `RosterCheck`. A profile is named: a path in a roster would have the program open whatever file it says.
    func check(_ entry: RosterEntry) throws(RosterObjection) {
        if let profile = entry.profile, !profiles.contains(profile) { throw .unknownProfile(profile) }
        try features?.check(entry, issuer: issuer, like: sample, options)
    }
}
