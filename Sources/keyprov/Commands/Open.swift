import ArgumentParser
import ByteBuffers
import Sealing
import SecretFormats

struct Open: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Decrypt a sealed file, of keyprov or of age.",
        discussion: "A file that was cut off or changed is refused, and then nothing is written.",
        version: Keyprov.version)

    @Argument(help: ArgumentHelp("The file, '-' for standard input.", valueName: "file"))
    var file: String

    @OptionGroup(title: "Opened with") var identityOptions: IdentityOptions

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp("Open it with the first line of this file.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write to a new file, readable by its owner only; '-' for standard output.", valueName: "file"))
    var out: String

    @OptionGroup(title: "Common") var global: GlobalOptions

    mutating func validate() throws {
        guard identityOptions.identity.isEmpty != (passphraseFile == nil) else {
            throw ValidationError("open needs either --identity or --passphrase-file")
        }
        if global.json, out == SealedTarget.standardOutput {
            throw ValidationError("with --json, --out names a file: the standard output is for the document")
        }
    }

    func run() throws {
        guard let key = try key() else { return }
        let input = try ConversionInput(bytesOf: file, limit: SealedTarget.inputLimit)
        if out == SealedTarget.standardOutput {
            guard input.length > 0 else {
                throw CommandFailure.usage(
                    "'\(file)' is empty or a pipe, which cannot be read twice",
                    hints: ["'-' reads a pipe as standard input", "--out names a file to write to"])
            }
            // What is printed cannot be taken back, so the end of the file has to be known before its start is printed.
            try input.opening(with: key).open().forEachBlock { _ in }
        }
        let progress = ProgressLine(total: input.length, unit: .bytes, console: global.console)
        let source = try input.reporting(progress).opening(with: key).open()
        let target = try SealedTarget(out, sealer: nil, console: global.console)
        try source.forEachBlock { block in try target.write(block) }
        try target.finish(verb: "opened", from: file, asJSON: global.json)
    }

    private func key() throws -> OpeningKey? {
        guard let passphraseFile else { return try identityOptions.key() }
        return .passphrase(try Files.read(passphraseFile, limit: SealedTarget.passphraseLimit).firstLine)
    }
}
