import ArgumentParser
import ByteBuffers
import KeyProvision
import SecretFormats

struct Code: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code", abstract: "Print a code, computed by the key.",
        discussion: "For a HOTP credential this is the next code, and the key's counter steps.",
        version: Keyprov.version)

    @Argument(help: "Issuer and account, or part of them. Not needed when the key holds one credential.")
    var name: String?

    @Option(name: .long, help: ArgumentHelp("For this time instead of now (TOTP).", valueName: "unixtime"))
    var at: UInt64?

    @Option(name: .long, help: ArgumentHelp("For this counter, on keys that can.", valueName: "number"))
    var counter: UInt64?

    @Option(
        name: .long,
        help: ArgumentHelp("Seconds of a time step, for slots, which keep none (default 30).", valueName: "seconds"))
    var period: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Length of a code, for slots, which keep none (default 6).", valueName: "number"))
    var digits: Int?

    @Flag(name: .long, help: "Codes of all credentials.")
    var all = false

    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup var global: GlobalOptions

    mutating func validate() throws {
        if let period, !Credential.periodRange.contains(period) {
            throw ValidationError("--period takes 1 to 86400 seconds")
        }
        if let digits, !Credential.digitsRange.contains(digits) { throw ValidationError("--digits takes 6, 7 or 8") }
        if deviceOptions.slot == nil, period != nil || digits != nil {
            throw ValidationError("--period and --digits belong to --slot")
        }
        if all, name != nil { throw ValidationError("--all and a name exclude each other") }
    }

    func run() throws {
        guard counter == nil else { throw DeviceError.notSupported(.chosenCounter) }
        let time = at ?? World.current.now()
        let console = global.console
        try DeviceAccess(global: global, options: deviceOptions).withSession(for: [.list, .compute]) { opened in
            let codes: [DeviceCode]
            if all {
                codes = try opened.session.codes(at: time)
            } else {
                let all = StoredCredentials(try opened.session.list(), hidingPIN: opened.hidingPIN)
                let stored = try name == nil ? all.only(inSlot: deviceOptions.slot) : all.only(matching: name)
                codes = [try code(of: stored, on: opened.session, at: time)]
            }
            try print(codes, at: time, console)
        }
    }

    private func code(
        of stored: StoredCredential, on session: any ProvisioningSession, at time: UInt64
    ) throws -> DeviceCode {
        if stored.kind == .hotp, at != nil {
            throw CommandFailure.usage("--at: '\(stored.name)' counts uses, its codes do not depend on the time")
        }
        guard stored.digits != nil else { return try session.code(for: stored, at: time) }
        // It computes for whatever it is asked, and says beforehand only whether it wants a touch.
        if case .unknown = stored.kind { global.console.say(EnrollmentStep.touch.text) }
        let read = stored.read(
            period: period ?? Credential.defaultPeriod, digits: digits ?? Credential.defaultDigits)
        return try session.code(for: read, at: time)
    }

    private func print(_ codes: [DeviceCode], at time: UInt64, _ console: Console) throws {
        guard global.json else { return try console.data(text(codes)) }
        try console.document { json in
            json.key("time")
            json.value(time)
            json.key("codes")
            json.array {
                for code in codes {
                    json.object {
                        json.members(code.credential)
                        json.key("code")
                        if case .code(let digits) = code.value { json.value(digits) } else { json.null() }
                        json.key("needs")
                        json.value(code.value.need)
                    }
                }
            }
        }
    }

    private func text(_ codes: [DeviceCode]) -> String {
        codes.map { code in
            let shown = if case .code(let digits) = code.value { digits } else { "(\(code.value.need ?? ""))" }
            return all ? "\(shown)  \(TerminalText.safe(code.credential.name))\n" : shown + "\n"
        }.joined()
    }
}

extension DeviceCode.Value {
    /// What has to happen before there is a code.
    fileprivate var need: String? {
        switch self {
        case .code: nil
        case .needsTouch: "touch"
        case .needsApproval: "approval"
        case .stepsCounter: "counter step"
        case .onDeviceOnly: "on the key"
        }
    }
}
