import ArgumentParser

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find out why it does not work.",
        discussion: "Looks at libraries, permissions, udev rules, who holds the keys, and the clock. Changes nothing.",
        version: Keyprov.version)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let findings = Checkup(stateFolder: try? global.stateFolder()).findings()
        if global.json {
            try global.console.document { json in
                json.key("checks")
                json.array { for finding in findings { json.object { finding.members(json) } } }
            }
        } else {
            for finding in findings { try global.console.data(finding.lines) }
        }
        let failures = findings.count { $0.outcome == .failed }
        if failures > 0 { throw CommandFailure.checksFailed(failures) }
    }
}
