import ArgumentParser
import KeyProvision
import SecretFormats

struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Generate a secret, write it to a key, have the key prove it, and print it for the server.",
        discussion: """
            Nothing is printed before the key has computed with the secret. A credential of the same name is refused \
            unless --replace is given.
            """,
        version: Keyprov.version)

    @OptionGroup(title: "Whose") var labelOptions: LabelOptions
    @OptionGroup(title: "Credential") var credentialOptions: CredentialOptions
    @OptionGroup(title: "Writing") var storageOptions: StorageOptions
    @OptionGroup(title: "Writing") var newCode: NewAccessCodeOptions
    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup(title: "Ledger") var recording: RecordingOptions
    @OptionGroup(title: "Printing") var printOptions: PrintOptions

    @Option(
        name: .customLong("sheet"),
        help: ArgumentHelp("Also draw an enrollment sheet.", valueName: "file"))
    var sheetFile: SheetFile?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let console = global.console
        let label = try labelOptions.label()
        let form = try printOptions.formOptions.form()
        let preparedQR = try printOptions.destination(asJSON: global.json).prepare()
        let sheet = try sheetFile.map(EnrollmentSheet.init)
        let credential = try credentialOptions.generate(label)
        try form.admit(credential, madeHere: true, console)
        let uri = try OTPAuthURI.encode(credential)

        let writing = KeyWriting(
            global: global, device: deviceOptions, storage: storageOptions, recorder: try recording.recorder(global))
        let report = try writing.write(credential, prepare: newCode.apply) { written, _ in
            EnrollmentReport(
                credential: credential, form: form, uri: uri, device: written.device,
                isVirtual: written.isVirtual, slot: written.slot, verification: written.verification,
                isProtected: written.isProtected)
        }
        for warning in OTPAuthURI.warnings(for: credential) {
            console.warn("\(warning.field.name): some apps misread '\(warning.character)' in a QR code")
        }
        do {
            try say(report, console)
            try preparedQR.put(form.qrText(of: credential, uri: uri), console)
            try sheet?.put(report)
        } catch {
            throw CommandFailure.unprinted(error, name: label.text, isRecorded: !recording.noLedger)
        }
    }

    private func say(_ report: EnrollmentReport, _ console: Console) throws {
        guard global.json else { return try console.data(report.text()) }
        try console.document(report.members)
    }
}

extension Label {
    /// Issuer and account as people write them.
    var text: String { issuer.map { $0 + ":" + account } ?? account }
}
