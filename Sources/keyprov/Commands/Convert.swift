import ArgumentParser
import ByteBuffers
import Sealing
import SecretFormats

struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Bring credentials from one format into another.",
        discussion: "A record that the new format cannot hold is refused, and then nothing is written.",
        version: Keyprov.version)

    @Argument(
        help: ArgumentHelp(
            "The file, '-' for standard input. A picture stands for the QR codes in it; several pictures or files of URIs "
                + "make one, in any order.", valueName: "file"))
    var files: [String] = []

    @Option(name: .long, help: "Format of the file; found out by its content if not given.")
    var from: FormatName?

    @Option(name: .long, help: "Format of the output.")
    var to: FormatName?

    @Option(name: .long, help: ArgumentHelp("Write to a new file, readable by its owner only.", valueName: "file"))
    var out: String?

    @Option(
        name: .customLong("qr-dir"),
        help: ArgumentHelp("Write the URIs as QR codes, page-001.png and on.", valueName: "dir"))
    var qrFolder: String?

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp("Open the file with the first line of this one.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        name: .customLong("out-passphrase-file"),
        help: ArgumentHelp("Encrypt the output with the first line of this file.", valueName: "file"))
    var outPassphraseFile: String?

    @OptionGroup(title: "Sealed files") var identityOptions: IdentityOptions
    @OptionGroup(title: "Sealed files") var recipientOptions: RecipientOptions

    @Flag(
        name: .customLong("allow-duplicates"),
        help: "Take a serial number or a secret that stands in two records, as that of a spare key does.")
    var allowsDuplicates = false

    @Flag(
        name: .customLong("no-manifest"),
        help: "With --out and a format of token batches: write no manifest beside the file.")
    var omitsManifest = false

    @OptionGroup(title: "What the file does not say") var names: NameAdditions
    @OptionGroup(title: "What the file does not say") var additions: RecordAdditions

    @Flag(name: .customLong("list-formats"), help: "List the formats and what each of them carries.")
    var listFormats = false

    @OptionGroup(title: "Common") var global: GlobalOptions

    private static let passphraseLimit = 4096
    /// Bytes of output that are put together before they are written.
    private static let blockLength = 1 << 16
    /// Bytes of output that are held before they are printed.
    private static let longestHeld = 8 << 20

    mutating func validate() throws {
        guard !listFormats else { return }
        guard !files.isEmpty else { throw ValidationError("convert needs a file, or '-' for standard input") }
        guard to != nil else { throw ValidationError("convert needs --to; --list-formats lists the formats") }
        if !recipientOptions.isEmpty, out == nil {
            throw ValidationError("with --recipient, convert needs --out; 'keyprov seal' takes its output from a pipe")
        }
        if !recipientOptions.isEmpty, qrFolder != nil {
            throw ValidationError("--recipient and --qr-dir exclude each other: the pictures would be in clear")
        }
        if global.json, out == nil, qrFolder == nil {
            throw ValidationError(
                "with --json, convert needs --out or --qr-dir: the standard output is for the document")
        }
        if qrFolder != nil, let to, !Self.scannable.contains(to.format.name) {
            throw ValidationError("--qr-dir needs --to otpauth or otpauth-migration: no app scans anything else")
        }
    }

    private static let scannable: Set<String> = ["otpauth", "otpauth-migration"]

    func run() throws {
        if listFormats { return try FormatTable(asJSON: global.json).print(to: global.console) }
        guard let name = files.first, let to = try to?.forWriting() else { return }
        let input = try input(files)
        let format = try from?.forReading() ?? recognized(input, name: name)
        let decoding = DecodingOptions(label: try names.label(), passphrase: try passphrase(passphraseFile))
        let encoding = EncodingOptions(
            passphrase: try passphrase(outPassphraseFile), random: World.current.random,
            unixTime: Int(clamping: World.current.now()))
        let conversion = Conversion(
            from: format, decoding, to: to, encoding, additions: additions, allowsDuplicates: allowsDuplicates,
            blockLength: Self.blockLength)
        let summary = try write(conversion, input, to)
        if global.json { try global.console.data(json(of: summary, from: format, to: to)) }
        report(summary, from: format, to: to)
    }

    private func write(
        _ conversion: Conversion, _ input: ConversionInput, _ format: any SecretFormat
    ) throws -> Conversion.Summary {
        let target = try out.map { path in
            try BatchFile(
                path, format: format, hasManifest: format.isForTokenBatches && !omitsManifest,
                sealer: try recipientOptions.sealer(), created: World.current.now())
        }
        let isHeld = qrFolder != nil
        if target == nil, !isHeld { return try print(conversion, input) }
        // A file is written under another name until it is whole.
        let held = WipedBuffer()
        let progress = ProgressLine(total: input.length, unit: .bytes, console: global.console)
        let summary = try conversion.run(
            target == nil ? input : input.reporting(progress), note: { try target?.note($0) }
        ) { block in
            if isHeld { held.append(contentsOf: block) }
            try target?.write(block)
        }
        if let qrFolder {
            let count = try QRFolder.write(lines: held, to: qrFolder)
            global.console.note("wrote \(count) QR codes to '\(qrFolder)'")
        }
        try target?.commit()
        if let out { global.console.note("wrote \(summary.count) to '\(out)'") }
        return summary
    }

    /// What is printed cannot be taken back, so a record that is refused has to be found before: the output is held until
    /// then, or made a second time where it is too long for that.
    private func print(_ conversion: Conversion, _ input: ConversionInput) throws -> Conversion.Summary {
        var held: WipedBuffer? = WipedBuffer()
        let summary = try conversion.run(input) { block in
            guard let whole = held else { return }
            whole.append(contentsOf: block)
            if whole.count > Self.longestHeld { held = nil }
        }
        guard let held else { return try conversion.run(input) { try global.console.data($0) } }
        try global.console.data(held)
        return summary
    }

    private func report(_ summary: Conversion.Summary, from format: any SecretFormat, to target: any SecretFormat) {
        for (fields, what) in [
            (summary.notRead, "in the file and not carried over"),
            (summary.notWritten, "not written, as '\(target.name)' has no place for it"),
        ] where !fields.isEmpty {
            global.console.warn("\(what): " + fields.map(\.name).sorted().joined(separator: ", "))
        }
    }

    private func json(
        of summary: Conversion.Summary, from format: any SecretFormat, to target: any SecretFormat
    ) -> WipedBuffer {
        let json = JSONWriter()
        json.object {
            json.key("from")
            json.value(format.name)
            json.key("to")
            json.value(target.name)
            json.key("out")
            json.value(out)
            json.key("qr_dir")
            json.value(qrFolder)
            json.key("count")
            json.value(summary.count)
            json.key("not_read")
            json.array { for field in summary.notRead.map(\.name).sorted() { json.value(field) } }
            json.key("not_written")
            json.array { for field in summary.notWritten.map(\.name).sorted() { json.value(field) } }
        }
        json.endLine()
        return json.buffer
    }

    private func input(_ paths: [String]) throws -> ConversionInput {
        let input = try ConversionInput(paths)
        if let key = try identityOptions.key() { return input.opening(with: key) }
        // A pipe with a name has no length, and cannot be looked at before it is read.
        if input.length > 0, try input.withStart({ SealedFileReader.recognizes($0) }) {
            throw CommandFailure.sealedInput(input.path)
        }
        return input
    }

    private func recognized(_ input: ConversionInput, name: String) throws -> any SecretFormat {
        let candidates = try input.withStart { FormatList.candidates(for: $0) }
        guard let first = candidates.first else {
            throw FormatError(.unsupported, "the file is in no format that is known; --from names one")
        }
        guard candidates.count == 1 else {
            let names = candidates.map(\.name).joined(separator: ", ")
            throw ValidationError("'\(name)' may be one of \(names): say which with --from")
        }
        return first
    }

    private func passphrase(_ path: String?) throws(FileError) -> Secret? {
        try path.map { path throws(FileError) in try Files.read(path, limit: Self.passphraseLimit).firstLine }
    }
}

/// What a bare secret is called.
struct NameAdditions: ParsableArguments {
    @Option(name: .long, help: "Issuer of the credential of a file without names.")
    var issuer: String?

    @Option(name: .long, help: "Account of the credential of a file without names.")
    var account: String?

    func label() throws(FormatError) -> Label? {
        try account.map { account throws(FormatError) in try Label(issuer: issuer, account: account) }
    }
}

/// Fields that servers need and other formats do not have.
struct RecordAdditions: ParsableArguments {
    @Option(name: .long, help: "Serial number for records without one; {n} in it counts from 1.")
    var serial: String?

    @Option(name: .long, help: "Manufacturer for records without one.")
    var manufacturer: String?

    @Option(name: .long, help: "Model for records without one.")
    var model: String?

    @Option(name: .long, help: "Realm or domain for records without one.")
    var realm: String?

    private static let placeholder = "{n}"

    /// The record with what it lacks.
    func complete(_ record: TokenRecord, number: Int) -> TokenRecord {
        var record = record
        record.serial =
            record.serial
            ?? serial.map { pattern in
                pattern.split(separator: Self.placeholder, omittingEmptySubsequences: false)
                    .joined(separator: String(number))
            }
        record.manufacturer = record.manufacturer ?? manufacturer
        record.model = record.model ?? model
        record.realm = record.realm ?? realm
        return record
    }
}
