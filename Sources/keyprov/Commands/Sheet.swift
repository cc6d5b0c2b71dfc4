import ArgumentParser
import ByteBuffers
import SecretFormats
import SheetJobs

struct Sheet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet",
        abstract: "Put credentials on paper: sheets, letters, labels, lists.",
        discussion: """
            Every QR code is read back from the page before the page is handed out. Labels and lists have no secret \
            unless --with-secret asks for it.
            """,
        version: Keyprov.version)

    @Option(name: .long, help: ArgumentHelp("The credentials, '-' for standard input.", valueName: "file"))
    var from: String?

    @Option(name: .customLong("from-format"), help: "Format of the file; found out by its content if not given.")
    var fromFormat: FormatName?

    @OptionGroup(title: "Keys of a ledger") var selection: LedgerSelection

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this account of the ledger, exactly as it is written; may be repeated.", valueName: "name"))
    var account: [String] = []

    @OptionGroup(title: "Opening the secrets") var opening: OpeningOptions

    @OptionGroup(title: "Page") var sheetOptions: SheetOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Labels and order of the printed fields: a name that 'profiles' lists, or a FILE.profile.",
            valueName: "name"),
        completion: .custom { _, _, _ in (try? ProfileLibrary().names()) ?? [] })
    var profile = "generic"

    @OptionGroup var recoveryOptions: RecoveryCodeOptions
    @OptionGroup(title: "Sealing") var recipientOptions: RecipientOptions

    @Option(name: .long, help: ArgumentHelp("Where the pages go.", valueName: "where"))
    var out: SheetDestination?

    @Option(name: .long, help: ArgumentHelp("Print on this queue; 'default' is a name too.", valueName: "queue"))
    var print: String?

    @Option(name: .long, help: "No pages but their values, for a mail merge.")
    var format: MailMerge.Format?

    @Flag(name: .long, help: "List templates, papers and labels.")
    var list = false

    @Flag(name: .customLong("list-queues"), help: "List the printers.")
    var listQueues = false

    @OptionGroup(title: "Common") var global: GlobalOptions

    mutating func validate() throws {
        guard !list, !listQueues else { return }
        guard from == nil || selection.place.ledger == nil else {
            throw ValidationError("--from and --ledger exclude each other")
        }
        guard from != nil || selection.place.ledger != nil else {
            throw ValidationError("sheet needs --from with a file, or '-' for standard input, or --ledger")
        }
        if from != nil, selection.batch != nil || !account.isEmpty || !opening.identityOptions.identity.isEmpty {
            throw ValidationError("--batch, --account and --identity go with --ledger; 'keyprov open' opens a file")
        }
        if fromFormat != nil, from == nil { throw ValidationError("--from-format goes with --from") }
        guard format == nil || print == nil && out == nil else {
            throw ValidationError("--format writes to the standard output and excludes --out and --print")
        }
        guard format != nil || (out == nil) != (print == nil) else {
            throw ValidationError("sheet needs one of --out, --print and --format")
        }
        guard recipientOptions.isEmpty || out != nil && out != .output else {
            throw ValidationError("--recipient seals the files of --out; 'keyprov seal' takes its output from a pipe")
        }
        if global.json, format != nil || out == .output {
            throw ValidationError("with --json, the standard output is for the document")
        }
    }

    func run() throws {
        if list { return try SheetTables(asJSON: global.json).print(to: global.console) }
        if listQueues { return try PrintQueues.list(to: global.console, asJSON: global.json) }
        let needsSecrets = try format != nil || sheetOptions.hasSecret()
        let source = try source(needsSecrets: needsSecrets)
        let form = try form()
        let book = try sheetOptions.addresses.map { try AddressBook($0) }
        if let format { return try merge(source, format, form, book) }
        let count = try source.count()
        let recovery = try recoveryOptions.read(form.profile)
        if recovery != nil, count > 1 {
            throw CommandFailure.usage("--recovery-codes are those of one account, and there are \(count)")
        }
        if !sheetOptions.address.isEmpty, count > 1 {
            throw CommandFailure.usage("--address is that of one person, and there are \(count) credentials")
        }
        let (job, hasSecret) = try sheetOptions.job(out?.output ?? .pdf, total: count)
        let entries = try source.entries(form, hasSecret: hasSecret)
        let progress = ProgressLine(total: count, console: global.console)
        var number = 0
        let next = { () throws -> SheetEntry? in
            do {
                guard let read = try entries() else { return nil }
                number += 1
                progress.advance(to: number)
                var entry = try sheetOptions.complete(read, book, number: number, for: job)
                if hasSecret { entry.recovery = recovery?.codes ?? [] }
                return entry
            } catch SheetEntryError.format(let error) {
                throw error
            }
        }
        if let out {
            let files = try SheetFiles(out, sealedTo: recipientOptions)
            try SheetDrawing.draw(job, next: next, put: files.put, endDocument: files.endDocument)
            if case .file(let path, _) = out { global.console.note("wrote \(count) to '\(path)'") }
            if global.json { try report(count, job) }
        } else if let print {
            try PrintQueues.print(job, next: next, on: print, paper: sheetOptions.paper?.medium, global.console)
            if global.json { try report(count, job) }
        }
    }

    private func source(needsSecrets: Bool) throws -> any SheetSource {
        guard let from else {
            return LedgerSheetSource(
                ledger: try selection.open(global, toRead: true), accounts: account, opening: opening,
                needsSecrets: needsSecrets)
        }
        return try FileSheetSource(
            from, format: fromFormat, options: DecodingOptions(passphrase: try opening.passphrase()))
    }

    /// Labels in the language of the page, where the profile has it.
    private func form() throws -> FilledForm {
        let profile = try ProfileLibrary().entry(profile).profile()
        let language = Language(rawValue: sheetOptions.language.rawValue)
        return FilledForm(
            profile: profile, language: language.flatMap { profile.languages.contains($0) ? $0 : nil } ?? .english)
    }

    private func merge(
        _ source: any SheetSource, _ format: MailMerge.Format, _ form: FilledForm, _ book: AddressBook?
    ) throws {
        let entries = try source.entries(form, hasSecret: true)
        let merge = MailMerge(format)
        var number = 0
        while let entry = try entries() {
            number += 1
            let page = try sheetOptions.complete(entry, book, number: number)
            try global.console.data(merge.text(of: page, number: number))
        }
    }

    private func report(_ count: Int, _ job: SheetJob) throws {
        try global.console.document { json in
            json.key("count")
            json.value(count)
            json.key("medium")
            json.value(job.medium)
            json.key("secret")
            json.value(job.secrecy != .none)
        }
    }
}
