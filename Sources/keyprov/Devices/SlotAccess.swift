import KeyProvision

/// A session with the slots of one key.
struct SlotAccess {
    private let access: DeviceAccess
    private let global: GlobalOptions

    init(_ global: GlobalOptions, _ options: DeviceOptions) {
        access = DeviceAccess(global: global, options: options, takesSlots: true)
        self.global = global
    }

    func withSession<Result>(
        _ body: (any SlotProvisioning, DeviceAccess.Opened) throws -> Result
    ) throws -> Result {
        try access.withSession(for: []) { opened in
            guard let session = opened.session as? any SlotProvisioning else {
                throw DeviceError.notSupported(.slotCommands)
            }
            return try body(session, opened)
        }
    }

    /// Does something that has no result, and says that it was done.
    func change(_ done: String, _ body: (any SlotProvisioning) throws -> Void) throws {
        try withSession { session, opened in
            try body(session)
            global.console.note("\(done) \(opened.attached.text)")
            guard global.json else { return }
            try global.console.document { json in
                json.key("device")
                json.value(session.device, isVirtual: opened.isVirtual)
                json.key("slots")
                json.array {
                    // What it is now costs one look more, and nobody is left to guess.
                    let stored = (try? session.list()) ?? []
                    for number in 1...max(session.capacity ?? 1, 1) {
                        json.object { SlotState(number, stored.first { $0.place == number }).members(json) }
                    }
                }
            }
        }
    }
}

/// A slot as far as the key tells of it.
struct SlotState {
    let number: Int
    /// nil for an empty one.
    let stored: StoredCredential?

    init(_ number: Int, _ stored: StoredCredential?) { (self.number, self.stored) = (number, stored) }

    /// One word for scripts.
    var state: String {
        switch stored?.kind {
        case nil: "empty"
        case .totp, .hotp, .reverseHOTP: "computes"
        case .unknown: "touch"
        }
    }

    var line: String {
        let text =
            switch stored?.kind {
            case nil: "empty"
            case .totp, .hotp, .reverseHOTP: "answers challenges without a touch"
            case .unknown: "types at a touch, or computes at one: the key does not tell which"
            }
        return "slot \(number)  \(text)\n"
    }

    func members(_ json: JSONWriter) {
        json.key("slot")
        json.value(number)
        json.key("state")
        json.value(state)
    }
}
