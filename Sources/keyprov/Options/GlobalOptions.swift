import ArgumentParser

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Flag(name: .long, help: "Print data as JSON.")
    var json = false

    @Flag(name: .long, help: "Say only warnings and errors.")
    var quiet = false

    @Flag(name: .long, help: "Say what crosses the bus: lengths and status words, never the bytes.")
    var verbose = false

    @Flag(name: .customLong("no-color"), help: "Use no colors.")
    var noColor = false

    @Option(name: .long, help: ArgumentHelp("Folder for what is kept between runs.", valueName: "dir"))
    var state: String?

    /// `$XDG_STATE_HOME/keyprov`, as the XDG Base Directory Specification has it.
    ///
    /// - Throws: `.usage` where the environment tells no home.
    func stateFolder() throws(CommandFailure) -> String {
        if let state { return state }
        let world = World.current
        if let folder = world.environment("XDG_STATE_HOME", isEmpty: false), folder.hasPrefix("/") {
            return folder + "/keyprov"
        }
        guard let home = world.environment("HOME", isEmpty: false) else {
            throw .usage(Self.noHome, hints: [Phrases.otherStateFolder])
        }
        return home + "/.local/state/keyprov"
    }

    static let noHome = "HOME is not set"

    var console: Console { Console(options: self) }
}
