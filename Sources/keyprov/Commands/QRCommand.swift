public import ArgumentParser
import ByteBuffers
public import SecretFormats
import SheetJobs

struct QRCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qr", abstract: "Make a QR code of one URI or text.",
        discussion:
            "The text is asked for without showing it, or read from a file: what stands on a command line is public.",
        version: Keyprov.version)

    @Argument(help: ArgumentHelp("File with the text in its first line, '-' for standard input.", valueName: "file"))
    var file: String?

    @Option(
        name: .long, help: ArgumentHelp("A new file with the picture, instead of the terminal.", valueName: "file"))
    var out: SheetFile?

    @Flag(name: .long, help: "Draw with # and spaces, for terminals without Unicode.")
    var ascii = false

    @Option(name: .long, help: "What the terminal draws with: light characters on dark, or dark ones on light.")
    var theme: TerminalTheme?

    @Option(name: .long, help: "How much of the code may be unreadable: L, M, Q or H for 7, 15, 25 or 30 percent.")
    var correction = QRCode.Correction.m

    @OptionGroup var global: GlobalOptions

    /// More than any code holds.
    private static let inputLimit = 8192

    mutating func validate() throws {
        guard out == nil || !ascii && theme == nil else {
            throw ValidationError("--ascii and --theme are for the terminal and exclude --out")
        }
    }

    func run() throws {
        let text = try text()
        let code = try QRCode(encoding: text, correction: correction)
        switch (out, out?.output) {
        case (let file?, .pdf): try draw(text, file)
        case (let file?, .png): try write(code.png(), file.path)
        case (let file?, .svg): try write(code.svg(), file.path)
        case (nil, _) where !global.json: try global.console.data(terminalText(code))
        default: break
        }
        guard global.json else { return }
        try global.console.document { json in
            json.key("version")
            json.value(code.version)
            json.key("modules")
            json.value(code.size)
            json.key("correction")
            json.value(correction.rawValue)
        }
    }

    /// Colors set black on white, which is right on every theme; without them the theme has to be known.
    private func terminalText(_ code: QRCode) -> WipedBuffer {
        if ascii { return code.ascii(theme: theme ?? .dark) }
        return code.halfBlocks(colors: theme == nil && global.console.usesColor, theme: theme ?? .dark)
    }

    private func text() throws -> Secret {
        let terminal = World.current.terminal
        switch file {
        case "-"?: return try terminal.readInput(limit: Self.inputLimit).firstLine
        case let file?: return try Files.read(file, limit: Self.inputLimit).firstLine
        case nil:
            guard let text = try terminal.askForSecret("Text of the QR code: ") else {
                throw CommandFailure.usage(
                    "there is no terminal to ask for the text", hints: ["name a file, or '-' for standard input"])
            }
            return text.firstLine
        }
    }

    private func write(_ picture: WipedBuffer, _ path: String) throws {
        let file = try NewFile(path)
        try file.write(picture)
        try file.commit()
        global.console.note("wrote '\(path)'")
    }

    private func draw(_ text: Secret, _ file: SheetFile) throws {
        let files = try SheetFiles(file.destination)
        let job = SheetJob(
            medium: .paper(.a4), template: Array(BuiltInTemplate.code(correction.rawValue).utf8), total: 1,
            unixTime: World.current.now())
        var entries = [SheetEntry(uri: text)]
        try SheetDrawing.draw(job, next: { entries.popLast() }, put: files.put, endDocument: files.endDocument)
        global.console.note("wrote '\(file.path)'")
    }
}

extension TerminalTheme: ExpressibleByArgument {}
extension QRCode.Correction: ExpressibleByArgument {}
