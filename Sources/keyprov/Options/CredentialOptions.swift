public import ArgumentParser
public import SecretFormats

/// Options that say what kind of credential is made; nil where one was not said, which a batch that goes on has to know.
struct CredentialOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case totp, hotp
    }

    @Option(name: .long, help: "Time-based or counter-based (default: \(Self.usualType)).")
    var type: Kind?

    @Option(name: .long, help: "Hash; many servers take only SHA1 (default: \(Self.usualAlgorithm.rawValue)).")
    var algorithm: HashAlgorithm?

    @Option(name: .long, help: "Length of a code: 6, 7 or 8 (default: \(Credential.defaultDigits)).")
    var digits: Int?

    @Option(name: .long, help: ArgumentHelp("Seconds of a time step (TOTP; default 30).", valueName: "seconds"))
    var period: Int?

    @Option(name: .long, help: ArgumentHelp("First counter (HOTP; default 0).", valueName: "number"))
    var counter: UInt64?

    @Option(
        name: .long,
        help: "Random bytes in the secret; 20 are 32 base32 characters (default: \(Self.usualBytes)).")
    var bytes: Int?

    static let usualType = Kind.totp
    static let usualAlgorithm = HashAlgorithm.sha1
    /// 160 bits, as RFC 4226 recommends in requirement R6.
    static let usualBytes = 20

    /// RFC 4226, requirement R6: at least 128 bits.
    private static let bytesRange = 16...128

    mutating func validate() throws {
        if type == .hotp, period != nil { throw ValidationError("--period belongs to --type totp") }
        if type != .hotp, counter != nil { throw ValidationError("--counter belongs to --type hotp") }
        guard digits.map(Credential.digitsRange.contains) ?? true else {
            throw ValidationError("--digits takes 6, 7 or 8")
        }
        if let bytes { try Self.check(bytes: bytes) }
        guard period.map(Credential.periodRange.contains) ?? true else {
            throw ValidationError("--period takes 1 to 86400 seconds")
        }
    }

    static func check(bytes: Int) throws(ValidationError) {
        guard bytesRange.contains(bytes) else { throw ValidationError("--bytes takes 16 to 128") }
    }

    /// A credential of this kind with a fresh random secret.
    func generate(_ label: Label) throws -> Credential {
        let kind: Credential.Kind =
            switch type ?? Self.usualType {
            case .totp: .totp(period: period ?? Credential.defaultPeriod)
            case .hotp: .hotp(counter: counter ?? 0)
            }
        return try Credential(
            label: label, kind: kind, algorithm: algorithm ?? Self.usualAlgorithm,
            digits: digits ?? Credential.defaultDigits,
            secret: .random(count: bytes ?? Self.usualBytes, from: World.current.random))
    }
}

extension HashAlgorithm: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// Whose credential it is.
struct LabelOptions: ParsableArguments {
    @Option(name: .long, help: "Organization or service that issues the credential.")
    var issuer: String?

    @Option(name: .long, help: "Account name of its owner.")
    var account: String

    func label() throws(FormatError) -> Label {
        try Label(issuer: issuer.flatMap { $0.isEmpty ? nil : $0 }, account: account)
    }
}
