import ArgumentParser
import SecretFormats

/// Options that say where the secret comes from.
struct SourceOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Pictures, PDFs or files with the secret, '-' for standard input. Without one it is asked for.",
            valueName: "file"))
    var files: [String] = []

    @Flag(name: .long, help: "Take the QR codes that are on the screen.")
    var screen = false

    @Flag(name: .long, help: "Take what was copied: text or a picture.")
    var clipboard = false

    @Option(name: .long, help: "Format of the files; found out by their content if not given.")
    var format: FormatName?

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp("Open an encrypted file with the first line of this one.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which of several: issuer:account, or the account alone, with * and ? as in a shell.", valueName: "pattern")
    )
    var select: String?

    private static let passphraseLimit = 4096

    mutating func validate() throws {
        if screen || clipboard, !files.isEmpty || screen == clipboard {
            throw ValidationError("files, --screen and --clipboard exclude each other")
        }
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("the standard input can be read only once") }
    }

    func sources() throws(ImportFailure) -> [ImportSource] {
        if screen { return [.screen] }
        if clipboard { return [.clipboard] }
        guard !files.isEmpty else { return [.prompt] }
        return try files.map { file throws(ImportFailure) in try ImportSource(argument: file) }
    }

    func passphrase() throws(FileError) -> Secret? {
        try passphraseFile.map { path throws(FileError) in
            try Files.read(path, limit: Self.passphraseLimit).firstLine
        }
    }
}

/// What a bare secret does not say.
struct BareSecretOptions: ParsableArguments {
    @Option(name: .long, help: "Organization or service that issued the credential; replaces what was found.")
    var issuer: String?

    @Option(name: .long, help: "Account name of its owner; needed for a bare secret, replaces what was found.")
    var account: String?

    @Option(name: .long, help: "For a bare secret: time-based or counter-based (default: totp).")
    var type: CredentialOptions.Kind?

    @Option(name: .long, help: "For a bare secret: SHA1, SHA256 or SHA512 (default: SHA1).")
    var algorithm: HashAlgorithm?

    @Option(name: .long, help: "For a bare secret: length of a code (default: 6).")
    var digits: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("For a bare secret: seconds of a time step (default: 30).", valueName: "seconds"))
    var period: Int?

    @Option(
        name: .long, help: ArgumentHelp("For a bare secret: first counter (HOTP; default: 0).", valueName: "number"))
    var counter: UInt64?

    mutating func validate() throws {
        if type == .hotp, period != nil { throw ValidationError("--period belongs to --type totp") }
        if type != .hotp, counter != nil { throw ValidationError("--counter belongs to --type hotp") }
    }

    func label() throws(FormatError) -> Label? {
        try account.map { account throws(FormatError) in try Label(issuer: ownIssuer, account: account) }
    }

    private var ownIssuer: String? { issuer.flatMap { $0.isEmpty ? nil : $0 } }

    /// What was found, with what these options say of it.
    func complete(_ found: FoundCredential) throws -> Credential {
        let base = found.credential
        let label = try Label(
            issuer: issuer == nil ? base.label.issuer : ownIssuer, account: account ?? base.label.account)
        if let overruled = found.overruledIssuer, issuer == nil {
            throw ImportFailure.contradictoryIssuers(overruled, base.label.issuer ?? "")
        }
        guard found.isBare else {
            if let option = given { throw ImportFailure.saidAlready(option: option) }
            return try Credential(
                label: label, kind: base.kind, algorithm: base.algorithm, digits: base.digits, secret: base.secret)
        }
        let kind: Credential.Kind =
            type == .hotp ? .hotp(counter: counter ?? 0) : .totp(period: period ?? Credential.defaultPeriod)
        return try Credential(
            label: label, kind: kind, algorithm: algorithm ?? .sha1, digits: digits ?? Credential.defaultDigits,
            secret: base.secret)
    }

    /// The first option that was given of those that belong to a bare secret.
    private var given: String? {
        let options = [
            ("--type", type != nil), ("--algorithm", algorithm != nil), ("--digits", digits != nil),
            ("--period", period != nil), ("--counter", counter != nil),
        ]
        return options.first { $0.1 }?.0
    }
}

/// Options for a second key with the same secret.
struct SpareOptions: ParsableArguments {
    @Flag(name: .long, help: "Write the secret to a second key too, before the server is told a code.")
    var spare = false

    @Option(
        name: .customLong("spare-device"),
        help: ArgumentHelp("The second key, as 'devices' shows it; otherwise it is waited for.", valueName: "selector"))
    var spareDevice: DeviceSelector?

    @Option(
        name: .customLong("spare-virtual"), help: ArgumentHelp("A virtual key as the second one.", valueName: "name"),
        completion: Catalog.virtualNames)
    var spareVirtual: String?

    var isWanted: Bool { spare || spareDevice != nil || spareVirtual != nil }

    mutating func validate() throws {
        if spareDevice != nil, spareVirtual != nil {
            throw ValidationError("--spare-device and --spare-virtual exclude each other")
        }
    }
}
