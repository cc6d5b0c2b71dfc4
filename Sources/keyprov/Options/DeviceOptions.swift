import ArgumentParser
import ByteBuffers
import KeyProvision
import SecretFormats
import USBTransport

/// Options of every command that talks to a key.
struct DeviceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The key to use, as 'devices' shows it. Not needed when one is attached.",
            valueName: "selector"))
    var device: DeviceSelector?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Use a virtual key, made on first use: MODEL or MODEL:LABEL, e.g. yubikey5.", valueName: "name"),
        completion: Catalog.virtualNames)
    var virtual: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "One of the key's numbered places: \(Catalog.slotsText).",
            valueName: "number"))
    var slot: Int?

    @Option(
        name: .customLong("access-code-file"),
        help: ArgumentHelp(
            """
            Read the key's access code from the first line of a file, '-' for standard input. An OTP slot that is \
            written has it from then on, also one that had none.
            """, valueName: "file"))
    var accessCodeFile: String?

    @Option(
        name: .customLong("pin-file"),
        help: ArgumentHelp(
            "Read the key's user PIN from the first line of a file, '-' for standard input.", valueName: "file"))
    var pinFile: String?

    @Option(
        name: .customLong("admin-pin-file"),
        help: ArgumentHelp("The same for the admin PIN, on keys that have one.", valueName: "file"))
    var adminPINFile: String?

    @Flag(
        name: .customLong("take-over"),
        help: "Have pcscd or scdaemon let go of the key for as long as this takes. pcscd is started again afterwards.")
    var takesOver = false

    @Flag(name: .customLong("log-secret-bytes"), help: "With --verbose: say the bytes too. They contain the secrets.")
    var logsSecretBytes = false

    mutating func validate() throws {
        if device != nil, virtual != nil { throw ValidationError("--device and --virtual exclude each other") }
        try checkInputs()
    }

    /// Standard input is read once.
    ///
    /// - Parameters:
    ///   - file: what else the command reads.
    ///   - names: what all of these are.
    func checkInputs(beside file: String? = nil, names: String = "code or PIN") throws(ValidationError) {
        guard [file, accessCodeFile, pinFile, adminPINFile].count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("only one \(names) can come from standard input")
        }
    }

    private static let accessCodeLimit = 4096

    /// The access code as it was given, or typed; nil where there is none.
    func accessCode(for model: String) throws -> Secret? {
        try secret(from: accessCodeFile, prompt: "Access code of the \(model): ")
    }

    func file(of pin: PIN) -> String? {
        switch pin {
        case .user: pinFile
        case .admin: adminPINFile
        }
    }

    /// What the file or the standard input holds, or what is typed; nil where there is nobody to ask.
    func secret(from file: String?, prompt: String) throws -> Secret? {
        let world = World.current
        switch file {
        case "-"?: return try world.terminal.readInput(limit: Self.accessCodeLimit).firstLine
        case let file?: return try Files.read(file, limit: Self.accessCodeLimit).firstLine
        case nil: return try world.terminal.askForSecret(prompt)
        }
    }
}

/// `SERIAL` or `usb:BUS-PORT[.PORT…]`.
enum DeviceSelector: ExpressibleByArgument, Hashable, CustomStringConvertible {
    case serial(String)
    case location(USBLocation)

    private static let locationPrefix = "usb:"

    static let allValueStrings = ["SERIAL", "usb:BUS-PORT"]
    static let defaultCompletionKind = CompletionKind.default

    init?(argument: String) {
        if argument.hasPrefix(Self.locationPrefix) {
            guard let location = USBLocation(String(argument.dropFirst(Self.locationPrefix.count))) else { return nil }
            self = .location(location)
        } else {
            guard !argument.isEmpty else { return nil }
            self = .serial(argument)
        }
    }

    var description: String {
        switch self {
        case .serial(let serial): serial
        case .location(let location): Self.locationPrefix + location.description
        }
    }
}

extension Secret {
    /// What stands before the first line break: files that hold one value end in one.
    var firstLine: Secret {
        withBytes { bytes in
            let end = (0..<bytes.byteCount).first { index in
                bytes.byte(at: index) == UInt8(ascii: "\n") || bytes.byte(at: index) == UInt8(ascii: "\r")
            }
            return Secret(copying: bytes.extracting(0..<(end ?? bytes.byteCount)))
        }
    }
}
