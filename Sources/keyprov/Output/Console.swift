import ByteBuffers

/// How the program speaks.
///
/// - Data goes to standard output, everything else to standard error.
/// - A line for people starts with `keyprov: `, in lower case, without a full stop.
/// - An error is said once, followed by hints: what to do now.
/// - Data may hold secrets, so it is passed on as bytes that are wiped; what is said holds none.
struct Console {
    let options: GlobalOptions
    private var world: World { World.current }

    static let prefix = "keyprov: "

    /// Progress, and what was done. Silent with `--quiet`.
    func note(_ text: String) {
        if !options.quiet { say(text) }
    }

    /// Details of the exchange with a device. Only with `--verbose`.
    func detail(_ text: String) {
        if options.verbose { say(text) }
    }

    /// What must be seen, quiet or not.
    func warn(_ text: String) { say("warning: " + text) }

    func say(_ text: String) { Self.say(text) }

    /// When nobody can hear there is nobody to tell about it.
    static func say(_ text: String) {
        try? World.current.speech.write(text: prefix + TerminalText.safe(text) + "\n")
    }

    func data(_ buffer: WipedBuffer) throws(FileError) { try world.output.write(buffer) }

    func data(_ text: String) throws(FileError) { try world.output.write(text: text) }

    /// One JSON document, in one line.
    func document(_ members: (JSONWriter) -> Void) throws(FileError) {
        let json = JSONWriter()
        json.object { members(json) }
        json.endLine()
        try data(json.buffer)
    }

    /// Colors only for people who want them (no-color.org), and on what shows them.
    var usesColor: Bool {
        world.terminal.outputIsTerminal && world.terminalObeys && !options.noColor
            && world.environment("NO_COLOR", isEmpty: false) == nil
    }
}

extension World {
    /// A variable that is set to something.
    func environment(_ name: String, isEmpty: Bool) -> String? {
        environment(name).flatMap { $0.isEmpty == isEmpty ? $0 : nil }
    }
}

enum TerminalText {
    /// Names come from keys, files and arguments; a control character in one must not reach the terminal.
    static func safe(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: replacement
                    default: scalar
                    }
                }))
    }

    private static let replacement: Unicode.Scalar = "\u{FFFD}"
}
