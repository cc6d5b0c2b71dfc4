import ArgumentParser
import Glibc

/// Where what is done is recorded.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The ledger: a file, or sqlite:FILE (default: ledger.db in the state folder).", valueName: "url"))
    var ledger: LedgerPlace?
}

/// A ledger, by where it is.
struct LedgerPlace: ExpressibleByArgument, Hashable {
    let path: String

    private static let scheme = "sqlite:"

    /// - Returns: nil for a kind of store that there is not.
    init?(argument: String) {
        let isNamed = argument.hasPrefix(Self.scheme)
        let path = isNamed ? String(argument.dropFirst(Self.scheme.count)) : argument
        guard !path.isEmpty, isNamed || !argument.contains("://") else { return nil }
        self.path = path
    }

    private init(path: String) { self.path = path }

    /// The one in the state folder.
    static func usual(_ stateFolder: String) -> LedgerPlace { LedgerPlace(path: stateFolder + "/ledger.db") }

    static let defaultCompletionKind = CompletionKind.file(extensions: ["db"])
}
