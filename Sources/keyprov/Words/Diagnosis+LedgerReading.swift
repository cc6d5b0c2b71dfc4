import KeyProvision
import Sealing

extension Diagnosis {
    init(_ failure: LedgerReadFailure) {
        switch failure {
        case .noAccounts(let accounts):
            self.init(
                .badInput, "the ledger has no entry of " + Self.list(accounts),
                hints: ["'keyprov ledger status' lists the entries"])
        case .noneFound(let account, let serial):
            let wanted = [account.map { "'\($0)'" }, serial.map { "the key '\($0)'" }].compactMap(\.self)
            self.init(
                .badInput, "the ledger has no entry of " + wanted.joined(separator: " and "),
                hints: ["'keyprov ledger status' lists the entries"])
        case .noKey(let path):
            self.init(
                .badInput, "the secrets in '\(path)' are sealed, and nothing opens them",
                hints: ["--identity names the file with the identity", "--passphrase-file names that of a passphrase"])
        case .locked(let count, let total, let error, let path):
            self.init(
                .badInput,
                "'\(path)': the secrets of \(count) of \(total) entries cannot be opened: \(error.text)",
                hints: Self.hints(error))
        case .sealed(let error, let path):
            self.init(.badInput, "'\(path)': \(error.text)", hints: Self.hints(error))
        case .damaged(let words, let path):
            self.init(
                .inputOutput, "the ledger '\(path)' is damaged, and no more of it can be checked: \(words)",
                hints: ["go on with a copy of it from before"])
        case .nothingToExport(let exported, let virtual):
            var hints: [String] = []
            if virtual > 0 { hints.append("--include-virtual takes the \(virtual) of virtual keys: for tests only") }
            if exported > 0 { hints.append("--all takes the \(exported) that were exported before") }
            self.init(.badInput, "there is nothing to export", hints: hints)
        case .nothingForSheets([]):
            self.init(
                .badInput, "the ledger has no key that is done and not forgotten",
                hints: ["'keyprov ledger status' tells what is open"])
        case .nothingForSheets(let accounts):
            self.init(
                .badInput, "the ledger has no key that is done and not forgotten for " + Self.list(accounts),
                hints: ["'keyprov ledger status' lists the entries"])
        case .lostSecret(let account, let error):
            let reason = error?.text ?? "it is not there"
            self.init(
                .badInput, "the secret of '\(account)' in the ledger cannot be used: \(reason)",
                hints: ["'keyprov ledger check' tells what else is wrong"])
        case .unfit(let error, let account):
            let cause = Diagnosis(error)
            self.init(cause.exitCode, "the entry of '\(account)': " + cause.message, hints: cause.hints)
        case .notExported(let accounts):
            self.init(
                .failed, "not exported yet: " + Self.list(accounts),
                hints: [
                    "export them first: once forgotten, their secrets are on the keys alone, and no server can learn them",
                    "--unexported forgets them all the same",
                ])
        case .findings(let count, let path):
            self.init(
                .badInput, "the ledger '\(path)' is not as it was written: \(Phrases.count(count, "finding"))",
                hints: ["go on with a copy of it from before, and ask who can write to that file"])
        }
    }

    private static func hints(_ error: SealError) -> [String] {
        switch error {
        case .needsPassphrase: ["--passphrase-file names the file with the passphrase"]
        case .needsIdentity, .noMatchingIdentity:
            ["--identity names the file with the identity; it may be repeated", "nobody else can open them"]
        case .wrongPassphrase: ["a passphrase that is lost is lost for good: make these keys again"]
        default: ["'keyprov ledger check' tells what else is wrong"]
        }
    }

    private static func list(_ accounts: [String]) -> String { Phrases.list(accounts, of: accounts.count) }
}
