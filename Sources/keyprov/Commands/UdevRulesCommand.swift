import ArgumentParser

struct UdevRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udev-rules", abstract: "Print the udev rules for all keys.", version: Keyprov.version)

    @OptionGroup var global: GlobalOptions

    func run() throws { try global.console.data(UdevRules.text) }
}
