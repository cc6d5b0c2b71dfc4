import KeyProvision

/// Finding one credential by what a person types.
struct StoredCredentials {
    let all: [StoredCredential]

    init(_ all: [StoredCredential]) { self.all = all }

    /// The only one that matches: exactly, then by account, then by a part of the name in either case.
    ///
    /// - Parameter name: nil for the only one there is.
    func only(matching name: String?) throws(CommandFailure) -> StoredCredential {
        guard let name else { return try single(all, nil) }
        let lowercased = name.lowercased()
        let rules: [(StoredCredential) -> Bool] = [
            { $0.name == name }, { $0.account == name }, { $0.name.lowercased().contains(lowercased) },
        ]
        let matches = rules.lazy.map { all.filter($0) }.first { !$0.isEmpty } ?? []
        return try single(matches, name)
    }

    /// The one of exactly that name: for what cannot be undone.
    func exactly(_ name: String) throws(CommandFailure) -> StoredCredential {
        try single(all.filter { $0.name == name }, name)
    }

    private func single(_ matches: [StoredCredential], _ name: String?) throws(CommandFailure) -> StoredCredential {
        guard let match = matches.first else { throw .noCredential(name, stored: all.map(\.name)) }
        guard matches.count == 1 else { throw .severalCredentials(name, matching: matches.map(\.name)) }
        return match
    }
}
