import Glibc
import SecretFormats

/// Which of several credentials is meant.
struct CredentialChoice {
    let found: [FoundCredential]

    /// Issuer and account, to be shown through `Console` only: they come from outside.
    private var names: [String] { found.map(\.credential.label.text) }

    /// The only one, the one that the pattern fits, or the one that a person says.
    ///
    /// - Parameter pattern: `issuer:account` with `*`, `?` and `[…]` as in a shell, in either case.
    func choose(_ pattern: String?, _ console: Console) throws -> FoundCredential {
        if let pattern { return try matching(pattern) }
        guard let first = found.first else { throw ImportFailure.noInput }
        return found.count == 1 ? first : try ask(console)
    }

    private func matching(_ pattern: String) throws(ImportFailure) -> FoundCredential {
        let matches = found.filter { Self.fits(pattern, $0.credential.label) }
        guard let match = matches.first else { throw .noneSelected(pattern, found: names) }
        guard matches.count == 1 else { throw .severalSelected(pattern, matches.map(\.credential.label.text)) }
        return match
    }

    private static func fits(_ pattern: String, _ label: Label) -> Bool {
        let pattern = pattern.lowercased()
        return [label.text, label.account].contains { name in unsafe fnmatch(pattern, name.lowercased(), 0) == 0 }
    }

    private func ask(_ console: Console) throws -> FoundCredential {
        let list = names.enumerated().map { "\(Console.prefix)\($0.offset + 1)  \(TerminalText.safe($0.element))\n" }
        guard let answer = try World.current.terminal.ask(list.joined() + "Which one, 1 to \(found.count)? ") else {
            throw ImportFailure.several(names)
        }
        guard let number = Int(answer), found.indices.contains(number - 1) else {
            throw ImportFailure.noSuchNumber(count: found.count)
        }
        return found[number - 1]
    }
}
