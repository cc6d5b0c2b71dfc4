import SecretFormats

/// How the credentials of a batch are made, as a text that stays with it: a run that resumes it must not make others.
enum BatchTerms {
    private static let separator = "; "

    /// `name=value` for each option that changes what is on a key or at the server.
    static func text(issuer: String?, _ credential: CredentialOptions, _ storage: StorageOptions, slot: Int?) -> String
    {
        let terms: [(String, String)] = [
            ("algorithm", credential.algorithm.rawValue),
            ("bytes", String(credential.bytes)),
            ("digits", String(credential.digits)),
            ("issuer", issuer ?? ""),
            credential.type == .totp
                ? ("period", String(credential.period ?? Credential.defaultPeriod))
                : ("counter", String(credential.counter ?? 0)),
            ("require-pin", String(storage.requiresPIN)),
            ("slot", slot.map(String.init) ?? ""),
            ("touch", String(storage.touch)),
            ("type", credential.type.rawValue),
        ]
        return terms.map { "\($0)=\($1)" }.joined(separator: separator)
    }

    /// The options that differ, as they were when the batch was begun.
    static func changes(from begun: String, to now: String) -> [String] {
        let now = Set(now.split(separator: separator))
        return begun.split(separator: separator).filter { !now.contains($0) }.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return "--\(parts[0]) \(parts.dropFirst().first.map(String.init) ?? "")"
        }
    }
}
