import ArgumentParser
import Sealing
import SecretFormats

/// What opens the secrets of a ledger.
struct OpeningOptions: ParsableArguments {
    @OptionGroup var identityOptions: IdentityOptions

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp(
            "Open them with a passphrase: the first line of this file.", valueName: "file"))
    var passphraseFile: String?

    func passphrase() throws(FileError) -> Secret? {
        try passphraseFile.map { path throws(FileError) in
            try Files.read(path, limit: SealedTarget.passphraseLimit).firstLine
        }
    }

    /// Those that were named; otherwise the identity that lies beside the ledger.
    ///
    /// - Throws: where there is none at all.
    func keys(for ledger: OpenLedger) throws -> [OpeningKey] {
        var keys: [OpeningKey] = []
        if let key = try identityOptions.key() { keys.append(key) }
        if let passphrase = try passphrase() { keys.append(.passphrase(passphrase)) }
        guard keys.isEmpty else { return keys }
        let own = LedgerKeys.ownIdentityPath(beside: ledger.path)
        guard Files.exists(own) else { throw LedgerReadFailure.noKey(path: ledger.path) }
        var options = identityOptions
        options.identity = [own]
        return try options.key().map { [$0] } ?? []
    }
}
