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
        case text, qr
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
            "Show the secret too, for an app that holds it beside the key: in groups and as a URI, or as a QR code.",
            valueName: "how"))
    var also: [Also] = []

    @Option(
        name: .long, help: ArgumentHelp("Where the QR code of --also goes (default: terminal).", valueName: "where"))
    var qr: QRDestination?

    @OptionGroup var global: GlobalOptions

    mutating func validate() throws {
        if qr != nil, !also.contains(.qr) { throw ValidationError("--qr belongs to --also qr") }
        if global.json, also.contains(.qr), qr == nil || qr == .terminal {
            throw ValidationError("with --json, --also qr needs --qr FILE: the standard output is for the document")
        }
    }

    func run() throws {
        let console = global.console
        let writing = KeyWriting(global: global, device: deviceOptions, storage: storageOptions)
        let preparedQR = also.contains(.qr) ? try (qr ?? .terminal).prepare() : nil
        let credential = try bareOptions.complete(try find().choose(sourceOptions.select, console))
        console.note("found '\(credential.label.text)': \(credential.parameterText)")
        if spareOptions.isWanted, case .hotp = credential.kind { throw ImportFailure.countedSpare }

        if spareOptions.isWanted {
            let first = try writing.write(credential) { written, _ in written }
            let other = try SpareKey(options: spareOptions, console: console)
                .options(beside: deviceOptions, first.device)
            let spare = KeyWriting(global: global, device: other, storage: storageOptions)
            try spare.write(
                credential,
                accepts: { device in
                    guard device.serial == nil || device.serial != first.device.serial else {
                        throw ImportFailure.sameKey
                    }
                },
                finish: { written, opened in
                    try handOut(credential, first, spare: written, opened, preparedQR)
                })
        } else {
            try writing.write(credential) { written, opened in
                try handOut(credential, written, spare: nil, opened, preparedQR)
            }
        }
    }

    private func find() throws -> CredentialChoice {
        let texts = try sourceOptions.sources().flatMap { try ImportedText.read($0) }
        let reading = ImportedCredentials(
            format: sourceOptions.format?.format, passphrase: try sourceOptions.passphrase(),
            label: try bareOptions.label())
        return CredentialChoice(found: try reading.find(in: texts))
    }

    /// Codes come from the key that is open: with a spare, the spare one, which is sure to be plugged in.
    private func handOut(
        _ credential: Credential, _ first: KeyWriting.Written, spare: KeyWriting.Written?,
        _ opened: DeviceAccess.Opened, _ preparedQR: PreparedQR?
    ) throws {
        let console = global.console
        let options = WriteOptions(touch: storageOptions.touch, slot: deviceOptions.slot)
        let uri = try OTPAuthURI.encode(credential)
        let code = try KeyCode(of: credential, options, on: opened.session, console)
        let report = ImportReport(
            credential: credential, first: first, spare: spare, code: code, showsSecret: also.contains(.text))
        if global.json {
            try console.document { report.members($0, uri: uri) }
        } else {
            try console.data(report.text())
        }
        say(code, console)
        try preparedQR?.put(uri, console)
        if confirm, let code { try handOutNext(credential, options, after: code, opened) }
    }

    private func handOutNext(
        _ credential: Credential, _ options: WriteOptions, after code: KeyCode, _ opened: DeviceAccess.Opened
    ) throws {
        let console = global.console
        if case .totp(let period) = credential.kind {
            let next = (OneTimePassword.timeStep(at: code.time, period: period) + 1) * UInt64(period)
            while World.current.now() < next {
                try World.current.checkInterruption()
                World.current.wait(next - World.current.now())
            }
        }
        guard let second = try KeyCode(of: credential, options, on: opened.session, console) else { return }
        if global.json {
            try console.document { json in
                json.key("code")
                json.object { second.members(json) }
            }
        } else {
            try console.data(second.text + "\n")
        }
        say(second, console)
    }

    private func say(_ code: KeyCode?, _ console: Console) {
        switch code {
        case nil: console.say("the key types its codes: press its button in the server's form")
        case let code?:
            if let left = code.secondsLeft {
                console.note("the code is good for \(left) more second\(left == 1 ? "" : "s")")
            }
        }
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
