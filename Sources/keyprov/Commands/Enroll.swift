import ArgumentParser
import KeyProvision
import SecretFormats

struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Generate a secret, write it to a key, have the key prove it, and print it for the server.",
        discussion: """
            Nothing is printed before the key has computed with the secret. A credential of the same name is refused \
            unless --replace is given.
            """,
        version: Keyprov.version)

    @OptionGroup(title: "Whose") var labelOptions: LabelOptions
    @OptionGroup(title: "Credential") var credentialOptions: CredentialOptions
    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup(title: "Common") var global: GlobalOptions

    @Flag(name: .long, help: "The key computes only when it is touched.")
    var touch = false

    @Flag(name: .long, help: "Overwrite a credential of the same name.")
    var replace = false

    @Option(name: .long, help: ArgumentHelp("Numbered place, on keys that have slots.", valueName: "number"))
    var slot: Int?

    @Option(name: .customLong("pin-file"), help: ArgumentHelp("PIN, for keys that have one.", valueName: "file"))
    var pinFile: String?

    @Option(name: .long, help: "Labels and order of the printed fields.")
    var profile = Profile.generic

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the QR code goes: terminal, none, FILE.png or FILE.svg (default: terminal, with --json none).",
            valueName: "where"))
    var qr: QRDestination?

    func run() throws {
        let console = global.console
        let label = try labelOptions.label()
        guard pinFile == nil else { throw DeviceError.notSupported(.pin) }
        let preparedQR = try (qr ?? (global.json ? .none : .terminal)).prepare()
        let credential = try credentialOptions.generate(label)
        let uri = try OTPAuthURI.encode(credential)

        let report = try DeviceAccess(global: global, options: deviceOptions).withSession { opened in
            var enrollment = Enrollment(
                credential, options: WriteOptions(touch: touch, slot: slot), replaces: replace)
            do throws(DeviceError) {
                let verification = try enrollment.run(on: opened.session) { step in
                    if step == .touch { console.say(step.text) } else { console.detail(step.text) }
                }
                return EnrollmentReport(
                    credential: credential, profile: profile, uri: uri, device: opened.session.device,
                    isVirtual: opened.isVirtual, slot: slot, verification: verification)
            } catch {
                guard enrollment.mayHaveWritten(despite: error) else { throw error }
                throw CommandFailure.unproven(error, opened.attached, name: label.text)
            }
        }
        for warning in OTPAuthURI.warnings(for: credential) {
            console.warn("\(warning.field.name): some apps misread '\(warning.character)' in a QR code")
        }
        try say(report, console)
        try preparedQR.put(uri, console)
    }

    private func say(_ report: EnrollmentReport, _ console: Console) throws {
        let device = report.device
        let serial = device.serial.map { ", serial \($0)" } ?? ""
        let name = report.credential.label.text
        console.note("wrote '\(name)' to \(device.model)\(serial); verified: \(report.verification.rawValue)")
        if global.json {
            let json = JSONWriter()
            report.write(to: json)
            try console.data(json.buffer)
        } else {
            try console.data(report.text())
        }
    }
}

extension Label {
    /// Issuer and account as people write them.
    var text: String { issuer.map { $0 + ":" + account } ?? account }
}

extension Profile: ExpressibleByArgument {
    init?(argument: String) {
        guard let profile = Profile.named(argument) else { return nil }
        self = profile
    }

    var defaultValueDescription: String { name }
    static var allValueStrings: [String] { all.map(\.name) }
}
