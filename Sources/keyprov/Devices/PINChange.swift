import KeyProvision
import SecretFormats

/// Another PIN for a key, from a file or typed twice. It is refused before a try of the old one is spent on it.
struct PINChange {
    private let access: DeviceAccess
    private let global: GlobalOptions
    private let options: DeviceOptions
    private let newPINs: NewPINOptions

    private var pin: PIN { newPINs.which }

    init(_ global: GlobalOptions, _ options: DeviceOptions, _ newPINs: NewPINOptions) {
        access = DeviceAccess(global: global, options: options)
        (self.global, self.options, self.newPINs) = (global, options, newPINs)
    }

    /// For a key that has none.
    func set() throws {
        try withSession(
            check: { session throws(DeviceError) in
                guard !session.isSet(pin) else { throw .pinAlreadySet(pin) }
            },
            { session in
                let new = try newPIN(session)
                try session.set(new, as: pin)
            }, done: "set")
    }

    /// In the place of the one that there is.
    func change() throws {
        try withSession(
            check: { session throws(DeviceError) in
                guard session.isSet(pin) else { throw .pinNotSet(pin) }
            },
            { session in
                let left = try session.triesLeft(of: pin)
                guard left != 0 else { throw DeviceError.pinBlocked(pin) }
                let tries = left.map { "tries left: \($0)" }
                let file = options.file(of: pin)
                if file != nil, let tries { global.console.say("\(name(session)), \(tries)") }
                let prompt = Self.begun(name(session)) + (tries.map { " (\($0))" } ?? "") + ": "
                guard let old = try options.secret(from: file, prompt: prompt) else {
                    throw DeviceError.pinRequired(pin)
                }
                let new = try newPIN(session)
                try session.change(pin, from: old, to: new)
            }, done: "changed")
    }

    private func withSession(
        check: (any PINChanging) throws(DeviceError) -> Void, _ body: (any PINChanging) throws -> Void, done: String
    ) throws {
        try access.withSession(
            for: [],
            check: { session in
                let session = try changing(session)
                try session.check(pin)
                try check(session)
            },
            { opened in
                let session = try changing(opened.session)
                try body(session)
                global.console.note("\(done) the \(pin.rawValue) PIN of \(opened.attached.text)")
                guard global.json else { return }
                try global.console.document { json in
                    json.key("device")
                    json.value(session.device, isVirtual: opened.isVirtual)
                    json.key("pin")
                    json.value(pin.rawValue)
                    json.key("done")
                    json.value(done)
                }
            })
    }

    private func changing(_ session: any ProvisioningSession) throws(DeviceError) -> any PINChanging {
        guard let session = session as? any PINChanging else { throw .notSupported(.newPIN(pin)) }
        return session
    }

    /// Where it is typed nobody sees it, so it is asked for twice.
    private func newPIN(_ session: any PINChanging) throws -> Secret {
        let file = newPINs.file
        guard let new = try options.secret(from: file, prompt: "New \(name(session)): ") else {
            throw CommandFailure.newPINRequired(pin)
        }
        try session.check(new, as: pin)
        if file == nil {
            guard let again = try options.secret(from: nil, prompt: "The same again: "), again == new else {
                throw CommandFailure.newPINsDiffer
            }
        }
        return new
    }

    private func name(_ session: any ProvisioningSession) -> String {
        "\(pin.rawValue) PIN of the \(session.device.model)"
    }

    private static func begun(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
