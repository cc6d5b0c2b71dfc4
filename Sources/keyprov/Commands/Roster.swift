import ArgumentParser
import KeyProvision
import SecretFormats

struct Roster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster", abstract: "Look at the list of people who get keys.", version: Keyprov.version,
        subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Find what is wrong with a roster before the first key.",
            discussion: """
                All of it is read: columns that are not known, missing accounts, numbers that are none, accounts and keys \
                that are there twice, profiles whose system does not take what is made. With --family also what those \
                keys cannot hold. Nothing is written.
                """,
            version: Keyprov.version)

        @OptionGroup var roster: RosterOptions

        @Option(name: .long, help: "Organization or service of entries without an issuer.")
        var issuer: String?

        @Option(
            name: .long, help: ArgumentHelp("Family of the keys, as 'keys' lists them.", valueName: "name"),
            completion: .list(FamilyChoice.names))
        var family: String?

        @Option(name: .long, help: ArgumentHelp("Slot of entries without one.", valueName: "number"))
        var slot: Int?

        @OptionGroup(title: "Credentials") var credentialOptions: CredentialOptions
        @OptionGroup(title: "Common") var global: GlobalOptions

        mutating func validate() throws {
            guard roster.isGiven else { throw ValidationError("a roster or --from-ldap is needed") }
        }

        func run() throws {
            let family = try family.map { try FamilyChoice.family(named: $0) }
            let source = try RosterSource(roster, console: global.console)
            let judge = try RosterJudge(
                features: family?.features, issuer: issuer,
                sample: credentialOptions.generate(RosterJudge.sampleLabel()), options: WriteOptions(slot: slot),
                console: global.console, form: FilledForm.init(named:))
            let outcome = try source.check(issuer: issuer, judge: judge.check)
            let report = RosterReport(name: source.name, isDirectory: source.isDirectory, outcome: outcome)
            try report.print(to: global.console, asJSON: global.json)
            guard outcome.problems.isEmpty else {
                throw RosterFailure.refused(
                    outcome.problems.count, isCutOff: outcome.isCutOff, name: source.name)
            }
        }
    }
}

/// A family by its name.
enum FamilyChoice {
    static var names: [String] { Catalog.entries.map(\.family.name) }

    static func family(named name: String) throws(RosterFailure) -> any DeviceFamily {
        guard let family = Catalog.entries.map(\.family).first(where: { $0.name == name }) else {
            throw .noSuchFamily(name, known: names)
        }
        return family
    }
}
