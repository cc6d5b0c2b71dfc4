import ArgumentParser

@main
struct Keyprov: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "keyprov", version: "0.1.0")
}
