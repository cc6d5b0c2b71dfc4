import ArgumentParser

struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "A key for everybody on a roster.",
        version: Keyprov.version, subcommands: [BatchRun.self, BatchUndo.self])
}
