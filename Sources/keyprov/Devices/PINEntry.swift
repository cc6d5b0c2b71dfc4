import KeyProvision
import SecretFormats

/// Gives a key the PINs that a command takes: from files, or typed. Each is tried once.
struct PINEntry {
    private let console: Console
    private let options: DeviceOptions

    init(_ console: Console, _ options: DeviceOptions) { (self.console, self.options) = (console, options) }

    /// Refuses a PIN that the keys of a family do not have.
    func check(_ features: FamilyFeatures) throws(DeviceError) {
        for pin in PIN.allCases where options.file(of: pin) != nil && !features.pins.contains(where: { $0.pin == pin })
        {
            throw .notSupported(features.pins.isEmpty ? .pin(pin) : .noSuchPIN(pin))
        }
    }

    /// The PIN with which a key may show more than without, where it was not given. Costs no transfer.
    func hidingPIN(of session: any ProvisioningSession) -> PIN? {
        guard let needs = (session as? any PINProvisioning)?.pins(for: .list) else { return nil }
        return PIN.allCases.first { needs.contains(.helpful($0)) && options.file(of: $0) == nil }
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
