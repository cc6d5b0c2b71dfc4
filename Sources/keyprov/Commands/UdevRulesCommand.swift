import ArgumentParser

struct UdevRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udev-rules", abstract: "Print the udev rules for all keys.", version: Keyprov.version)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard global.json else { return try global.console.data(UdevRules.text) }
        try global.console.document { json in
            json.key("file")
            json.value(UdevRules.fileName)
            json.key("text")
            json.value(UdevRules.text)
        }
    }
}
