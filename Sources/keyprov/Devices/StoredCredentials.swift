import KeyProvision

/// Finding one credential by what a person types.
struct StoredCredentials {
    let all: [StoredCredential]
    /// The PIN that was not given, behind which there may be more.
    private let hidingPIN: PIN?

    init(_ all: [StoredCredential], hidingPIN: PIN? = nil) { (self.all, self.hidingPIN) = (all, hidingPIN) }

    /// The only one that matches: exactly, then by account, then by a part of the name in either case.
    ///
    /// - Parameter name: nil for the only one there is.
    func only(matching name: String?) throws(CredentialFailure) -> StoredCredential {
        guard let name else { return try single(all, nil) }
        let part = name.lowercased()
        return try single(
            firstMatches([
                { $0.ownName == name }, { $0.name == name }, { $0.account == name },
                { $0.name.lowercased().contains(part) },
            ]), name)
    }

    /// The one in a numbered place; nil for the only one there is.
    func only(inSlot slot: Int?) throws(CredentialFailure) -> StoredCredential {
        guard let slot else { return try single(all, nil) }
        return try single(all.filter { $0.place == slot }, "slot \(slot)")
    }

    /// The one of exactly that name: for what cannot be undone.
    func exactly(_ name: String) throws(CredentialFailure) -> StoredCredential {
        try single(firstMatches([{ $0.ownName == name }, { $0.name == name }, { $0.label == name }]), name)
    }

    private func firstMatches(_ rules: [(StoredCredential) -> Bool]) -> [StoredCredential] {
        rules.lazy.map { all.filter($0) }.first { !$0.isEmpty } ?? []
    }

    private func single(_ matches: [StoredCredential], _ name: String?) throws(CredentialFailure) -> StoredCredential {
        guard let match = matches.first else { throw .none(name, stored: all.map(\.ownName), hiding: hidingPIN) }
        guard matches.count == 1 else { throw .several(name, matching: matches.map(\.ownName)) }
        return match
    }
}

extension StoredCredential {
    /// The device's own name as text. It tells apart two credentials of one label with different periods, which
    /// `name` does not: `60/Example:alice` and `Example:alice`.
    fileprivate var ownName: String { place == nil && isTextID ? String(decoding: id, as: UTF8.self) : name }
}
