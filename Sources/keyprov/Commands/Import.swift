import ArgumentParser
import KeyProvision
import SecretFormats

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write a secret that a server made to a key, and print the code that the server asks for.",
        discussion: """
            The secret comes from a picture with a QR code, a PDF, an otpauth or otpauth-migration URI, bare text in any \
            case and grouping, or a file of any format of 'convert'. It is not shown again unless --also asks for it. The \
            code is computed by the key, after the key has proven that it has the secret.
            """,
        version: Keyprov.version)

    enum Also: String, ExpressibleByArgument, CaseIterable {
        case text, qr, sheet
    }

    @OptionGroup(title: "Source") var sourceOptions: SourceOptions
    @OptionGroup(title: "What a bare secret does not say") var bareOptions: BareSecretOptions
    @OptionGroup(title: "Writing") var storageOptions: StorageOptions
    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup(title: "Second key") var spareOptions: SpareOptions

    @Flag(name: .long, help: "Wait for the next time step and print a second code, for servers that ask twice.")
    var confirm = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Show the secret too, for an app that holds it beside the key: in groups and as a URI, as a QR code, or on paper.",
            valueName: "how"))
    var also: [Also] = []

    @Option(
        name: .long, help: ArgumentHelp("Where the QR code of --also goes (default: terminal).", valueName: "where"))
    var qr: QRDestination?

    @Option(name: .long, help: ArgumentHelp("The enrollment sheet of --also.", valueName: "file"))
    var sheet: SheetFile?

    @OptionGroup(title: "Ledger") var recording: RecordingOptions
    @OptionGroup(title: "Server") var formOptions: FormOptions
    @OptionGroup(title: "Server") var recoveryOptions: RecoveryCodeOptions
    @OptionGroup var global: GlobalOptions

    mutating func validate() throws {
        if qr != nil, !also.contains(.qr) { throw ValidationError("--qr belongs to --also qr") }
        guard (sheet != nil) == also.contains(.sheet) else {
            throw ValidationError("--also sheet needs --sheet FILE.pdf, FILE.png or FILE.svg, and the other way round")
        }
        if global.json, also.contains(.qr), qr == nil || qr == .terminal {
            throw ValidationError("with --json, --also qr needs --qr FILE: the standard output is for the document")
        }
        if recoveryOptions.isInput, sourceOptions.files.contains("-") || deviceOptions.accessCodeFile == "-" {
            throw ValidationError("the standard input can be read only once")
        }
    }

    func run() throws {
        let console = global.console
        let form = try chosenForm()
        let recoveryCodes = recoveryOptions.isInput ? nil : try recoveryOptions.read(form.profile)
        let preparedQR = also.contains(.qr) ? try (qr ?? .terminal).prepare() : nil
        let preparedSheet = try sheet.map(EnrollmentSheet.init)
        let credential = try bareOptions.complete(try find().choose(sourceOptions.select, console))
        console.note("found '\(credential.label.text)': \(credential.parameterText)")
        try form.admit(credential, madeHere: false, console)
        let handOut = ImportHandOut(
            command: self, credential: credential, form: form, preparedQR: preparedQR, recoveryCodes: recoveryCodes,
            sheet: preparedSheet)
        let recorder = try recording.recorder(global)
        let writing = keyWriting(deviceOptions, recorder)
        guard spareOptions.isWanted else {
            return try writing.write(credential) { written, opened in
                try handOut.run(written, spare: nil, opened)
            }
        }
        if case .hotp = credential.kind { throw ImportFailure.countedSpare }
        try writeBoth(credential, writing, handOut)
    }

    /// The second key comes before the first code, as a server that was told one has no way back.
    private func writeBoth(_ credential: Credential, _ writing: KeyWriting, _ handOut: ImportHandOut) throws {
        let spareKey = SpareKey(options: spareOptions, console: global.console)
        let name = credential.label.text
        try spareKey.checkNames(beside: deviceOptions)
        let first = try writing.write(
            credential,
            accepts: { first in
                try UnfinishedImport.wrap(.spareRefused, name: name) {
                    guard let other = try spareKey.optionsIfAttached(beside: deviceOptions, first) else { return }
                    let place = deviceOptions.virtual == nil ? first.location : nil
                    try keyWriting(other, nil).check(credential, beside: place) { try Self.refuse($0, if: first) }
                }
            },
            finish: { written, _ in written })

        var isSpareProven = false
        do {
            let other = try spareKey.options(beside: deviceOptions, first.device)
            try keyWriting(other, writing.recorder).write(
                credential, accepts: { try Self.refuse($0, if: first.device) },
                finish: { written, opened in
                    isSpareProven = true
                    try handOut.run(first, spare: written, opened)
                })
        } catch  where !isSpareProven {
            throw UnfinishedImport(part: .spareUnwritten(first: first.device), name: name, cause: error)
        }
    }

    private func keyWriting(_ device: DeviceOptions, _ recorder: EnrollmentRecorder?) -> KeyWriting {
        KeyWriting(global: global, device: device, storage: storageOptions, recorder: recorder)
    }

    private static func refuse(_ device: DeviceInfo, if first: DeviceInfo) throws {
        guard device.serial == nil || device.serial != first.serial else { throw ImportFailure.sameKey }
    }

    /// The form of what takes the secret shows it, and so waits for `--also`.
    private func chosenForm() throws -> FilledForm {
        let form = try formOptions.form()
        if takesSecret(form), also.isEmpty {
            throw ImportFailure.formWithoutSecret(name: form.profile.name, title: form.profile.title)
        }
        return form
    }

    /// Whether a profile was named whose system is to be given the secret.
    func takesSecret(_ form: FilledForm) -> Bool { formOptions.profile != nil && form.profile.role != .server }

    private func find() throws -> CredentialChoice {
        let texts = try sourceOptions.sources().flatMap { try ImportedText.read($0) }
        let reading = ImportedCredentials(
            format: try sourceOptions.format?.forReading(), passphrase: try sourceOptions.passphrase(),
            label: try bareOptions.label())
        return CredentialChoice(found: try reading.find(in: texts))
    }
}

extension Credential {
    /// How codes are made, in words.
    fileprivate var parameterText: String {
        let moving =
            switch kind {
            case .totp(let period): "totp, \(period) seconds"
            case .hotp(let counter): "hotp, counter \(counter)"
            }
        return "\(moving), \(algorithm.rawValue), \(digits) digits"
    }
}
