import KeyProvision
import SecretFormats

/// Gives a key the PINs that a command takes: from files, or typed. Each is tried once.
struct PINEntry {
    private let console: Console
    private let options: DeviceOptions

    init(_ console: Console, _ options: DeviceOptions) { (self.console, self.options) = (console, options) }

    /// Refuses a PIN for a key that has none.
    func check(_ session: any ProvisioningSession) throws(DeviceError) {
        guard !(session is any PINProvisioning), let given = PIN.allCases.first(where: { options.file(of: $0) != nil })
        else { return }
        throw .notSupported(.pin(given))
    }

    /// - Throws: `.pinRequired` where nobody can be asked, `.pinBlocked` before anybody is.
    func give(_ session: any ProvisioningSession, for operations: [PINOperation]) throws {
        guard let keeper = session as? any PINProvisioning else { return }
        let needs = Set(operations.flatMap(keeper.pins))
        for pin in PIN.allCases {
            let file = options.file(of: pin)
            guard needs.contains(.required(pin)) || (file != nil && needs.contains(.helpful(pin))) else { continue }
            let left = try keeper.triesLeft(of: pin)
            guard left != 0 else { throw DeviceError.pinBlocked(pin) }
            let name = "\(pin.rawValue) PIN of the \(session.device.model)"
            let tries = left.map { "tries left: \($0)" }
            if file != nil, let tries { console.say("\(name), \(tries)") }
            let prompt = name.prefix(1).uppercased() + name.dropFirst() + (tries.map { " (\($0))" } ?? "") + ": "
            guard let secret = try options.secret(from: file, prompt: prompt) else {
                throw DeviceError.pinRequired(pin)
            }
            try keeper.use(secret, as: pin)
        }
    }
}
