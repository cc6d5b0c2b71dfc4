import ArgumentParser

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "What was done, and the secrets that were recorded.",
        version: Keyprov.version,
        subcommands: [Status.self, History.self, Export.self, Forget.self, Rekey.self, Check.self],
        defaultSubcommand: Status.self)
}
