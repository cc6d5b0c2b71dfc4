import ArgumentParser
import KeyProvision

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Print which keys there are, what each takes, and what a write proves.",
        version: Keyprov.version)

    @Flag(name: .long, help: "As the table of the README, in Markdown.")
    var markdown = false

    @OptionGroup var global: GlobalOptions

    mutating func validate() throws {
        if markdown, global.json { throw ValidationError("--markdown and --json exclude each other") }
    }

    func run() throws {
        let console = global.console
        if global.json {
            for row in KeyTable.rows { try console.document(row.members) }
            for key in KeyTable.undriven { try console.document(key.members) }
        } else {
            try console.data(markdown ? KeyTable.markdown : KeyTable.text)
        }
    }
}
