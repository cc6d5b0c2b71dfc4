public import ArgumentParser
public import KeyProvision

struct PINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Set and change the PINs of a key.",
        discussion: """
            PINs come from files or are typed, never from the command line. 'keyprov keys' says which keys this is for, and \
            how long their PINs may be.
            """,
        version: Keyprov.version, subcommands: [Set.self, Change.self])

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Give a key that has no PIN its first one.", version: Keyprov.version)

        @OptionGroup var newPINs: NewPINOptions
        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws { try newPINs.check(beside: deviceOptions) }

        func run() throws { try PINChange(global, deviceOptions, newPINs).set() }
    }

    struct Change: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "change", abstract: "Give a key another PIN.",
            discussion: """
                The old PIN is tried once, after its tries were said: --pin-file or --admin-pin-file gives it, or it is \
                typed.
                """,
            version: Keyprov.version)

        @OptionGroup var newPINs: NewPINOptions
        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws { try newPINs.check(beside: deviceOptions) }

        func run() throws { try PINChange(global, deviceOptions, newPINs).change() }
    }
}

/// Which PIN, and where the new one comes from.
struct NewPINOptions: ParsableArguments {
    @Option(name: .long, help: "Whose PIN: user or admin.")
    var which = PIN.user

    @Option(
        name: .customLong("new-pin-file"),
        help: ArgumentHelp(
            "Read the new PIN from the first line of a file, '-' for standard input.", valueName: "file"))
    var file: String?

    func check(beside device: DeviceOptions) throws(ValidationError) {
        guard device.slot == nil else { throw ValidationError("a PIN is that of the key: leave out --slot") }
        try device.checkInputs(beside: file)
    }
}

extension PIN: ExpressibleByArgument {}
