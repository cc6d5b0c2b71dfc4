import ArgumentParser
import Sealing
import SecretFormats

struct Seal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Encrypt a file so that age and keyprov can open it.",
        discussion: "A passphrase or an identity that is lost is lost for good: nothing else opens what it sealed.",
        version: Keyprov.version)

    @Argument(help: ArgumentHelp("The file, '-' for standard input.", valueName: "file"))
    var file: String?

    @OptionGroup(title: "Sealed to") var recipientOptions: RecipientOptions

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp("Seal it with the first line of this file instead.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write to a new file, readable by its owner only; '-' for standard output.", valueName: "file"))
    var out: String?

    @Flag(name: .long, help: "Write it as text.")
    var armor = false

    @Option(
        name: .customLong("new-identity"),
        help: ArgumentHelp("Make an identity in this new file and print its recipient.", valueName: "file"))
    var newIdentity: String?

    @OptionGroup(title: "Common") var global: GlobalOptions

    mutating func validate() throws {
        guard newIdentity == nil else {
            if file != nil || out != nil || passphraseFile != nil || !recipientOptions.isEmpty {
                throw ValidationError("--new-identity makes a key and seals nothing")
            }
            return
        }
        guard file != nil else { throw ValidationError("seal needs a file, or '-' for standard input") }
        guard let out else { throw ValidationError("seal needs --out") }
        guard recipientOptions.isEmpty != (passphraseFile == nil) else {
            throw ValidationError("seal needs either --recipient or --passphrase-file")
        }
        if global.json, out == SealedTarget.standardOutput {
            throw ValidationError("with --json, --out names a file: the standard output is for the document")
        }
    }

    func run() throws {
        if let newIdentity { return try makeIdentity(newIdentity) }
        guard let file, let out else { return }
        let writer = try SealedFileWriter(for: try key(), isArmored: armor, random: World.current.random)
        let input = try ConversionInput(bytesOf: file, limit: SealedTarget.inputLimit)
        let source = try input.reporting(ProgressLine(total: input.length, unit: .bytes, console: global.console))
            .open()
        let target = try SealedTarget(out, sealer: writer, console: global.console)
        try source.forEachBlock { block in try target.write(block) }
        try target.finish(verb: "sealed", from: file, asJSON: global.json)
    }

    private func key() throws -> SealingKey {
        guard let passphraseFile else { return .recipients(try recipientOptions.recipients()) }
        let passphrase = try Files.read(passphraseFile, limit: SealedTarget.passphraseLimit).firstLine
        guard passphrase.count > 0 else { throw SealedFileFailure(path: passphraseFile, error: .emptyPassphrase) }
        return .passphrase(passphrase)
    }

    private func makeIdentity(_ path: String) throws {
        let recipient = try IdentityFile.make(path)
        if global.json {
            try global.console.document { json in
                json.key("recipient")
                json.value(recipient.text)
                json.key("identity_file")
                json.value(path)
            }
        } else {
            try global.console.data(recipient.text + "\n")
        }
        global.console.note("wrote an identity to '\(path)'; nothing else opens what is sealed to its recipient")
    }
}
