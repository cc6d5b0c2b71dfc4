import ArgumentParser
import KeyProvision
import SecretFormats

extension LedgerCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Write the secrets of verified keys into a file for a server.",
            discussion: """
                Entries that were exported before are left out unless --all asks for them. The file and its manifest are in \
                place before the ledger says so: ended in between, the command exports the same entries again.
                """,
            version: Keyprov.version)

        @OptionGroup(title: "Ledger") var selection: LedgerSelection

        @Option(name: .long, help: "Format of the file; 'convert --list-formats' tells what each carries.")
        var format: FormatName

        @Option(name: .long, help: ArgumentHelp("A new file, readable by its owner only.", valueName: "file"))
        var out: String

        @Flag(name: .long, help: "Take entries too that were exported before.")
        var all = false

        @Flag(
            name: .customLong("include-virtual"),
            help: "Take those of virtual keys too, whose secrets lie open in files.")
        var includesVirtual = false

        @Flag(
            name: .customLong("allow-duplicates"),
            help: "Take a serial number or a secret that stands in two entries, as that of a spare key does.")
        var allowsDuplicates = false

        @OptionGroup(title: "Opening the secrets") var opening: OpeningOptions
        @OptionGroup(title: "Sealing the file") var recipientOptions: RecipientOptions

        @Option(
            name: .customLong("out-passphrase-file"),
            help: ArgumentHelp(
                "Encrypt the file, in a format that can, with the first line of this one.", valueName: "file"))
        var outPassphraseFile: String?

        @OptionGroup(title: "What the ledger does not say") var additions: RecordAdditions
        @OptionGroup(title: "Common") var global: GlobalOptions

        func run() throws {
            let ledger = try selection.open(global)
            let target = try format.forWriting()
            let encoding = EncodingOptions(
                passphrase: try outPassphraseFile.map { path throws(FileError) in
                    try Files.read(path, limit: SealedTarget.passphraseLimit).firstLine
                },
                random: World.current.random, unixTime: Int(clamping: World.current.now()))
            let export = LedgerExport(
                ledger, target, encoding, additions: additions, includesExported: all,
                includesVirtual: includesVirtual)
            let survey = try export.survey()
            let opener = LedgerOpener(ledger, try opening.keys(for: ledger))
            try opener.prepare(survey.runs)
            if survey.leftOut > 0 {
                global.console.warn("left out: \(Phrases.count(survey.leftOut, "entry", "entries")) of virtual keys")
            }
            let file = try BatchFile(
                out, format: target, hasManifest: true, sealer: try recipientOptions.sealer(),
                created: World.current.now())
            let summary = try export.write(
                to: file, openedBy: opener, allowsDuplicates: allowsDuplicates,
                progress: ProgressLine(total: survey.count, console: global.console))
            try file.commit()
            let unmarked = try export.markExported(summary.entries)
            report(summary, unmarked: unmarked)
            if global.json { try document(summary, leftOut: survey.leftOut, unmarked: unmarked) }
        }

        private func report(_ summary: LedgerExport.Summary, unmarked: Int) {
            let fields = summary.notWritten.map(\.name).sorted()
            if !fields.isEmpty {
                global.console.warn(LedgerWords.notWritten(fields, format: format.format.name))
            }
            if unmarked > 0 { global.console.warn(LedgerWords.changedMeanwhile(unmarked)) }
            global.console.note("exported \(summary.entries.count) to '\(out)'")
        }

        private func document(_ summary: LedgerExport.Summary, leftOut: Int, unmarked: Int) throws {
            try global.console.document { json in
                json.key("format")
                json.value(format.format.name)
                json.key("out")
                json.value(out)
                json.key("manifest")
                json.value(out + BatchFile.suffix)
                json.key("count")
                json.value(summary.entries.count)
                json.key("left_out")
                json.value(leftOut)
                json.key("unmarked")
                json.value(unmarked)
                json.key("not_written")
                json.array { for name in summary.notWritten.map(\.name).sorted() { json.value(name) } }
            }
        }
    }
}
