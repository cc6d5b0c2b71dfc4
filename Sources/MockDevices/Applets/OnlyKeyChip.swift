/// The chip of an OnlyKey: messages in reports of 64 bytes, answers in text (trustcrypto/libraries, `okcore.cpp`).
///
///     to the key     FF FF FF FF, message, slot, field, value to the first four zero bytes in a row
///     to the host    text, padded with zero bytes
///
/// The value has no length of its own: see `value`. A message may come by either of two endpoints; answers take one.
struct OnlyKeyChip: CardlessChip {
    let profile: OnlyKeyProfile
    private(set) var slots: [Int: OnlyKeySlot]
    var access: Access
    /// Commands do not wait for touches; codes are typed at one.
    var touch = TouchPolicy.after(.seconds(1))
    var touchCount: Int { 0 }
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    private var answers: [[UInt8]] = []
    /// Unix time that was set since the key got its power.
    private(set) var clock: UInt32?

    enum Access: Hashable {
        case uninitialized, locked, unlocked
        /// Unlocked, and told by a long press that it is to be configured.
        case configuring
    }

    init(profile: OnlyKeyProfile, slots: [Int: OnlyKeySlot]) {
        (self.profile, self.slots) = (profile, slots)
        access = .unlocked
    }

    var content: any KeyContent { OnlyKeyContent(slots) }

    mutating func losePower() { (answers, clock) = ([], nil) }

    mutating func type(slot: Int) -> String? { clock.flatMap { slots[slot]?.code(at: UInt64($0)) } }

    func code(slot: Int, at unixTime: UInt64) -> String? { slots[slot]?.code(at: unixTime) }

    // MARK: Reports

    mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool {
        guard [OnlyKeyProfile.fidoOut, OnlyKeyProfile.rawOut].contains(endpoint) else { return false }
        guard report.count == Self.reportLength, report.starts(with: Self.header) else { return true }
        switch report[4] {
        case Message.setTime: answer(setTime(report))
        case Message.getLabels: getLabels()
        case Message.setSlot: answer(setSlot(Int(report[5]), field: report[6], Self.value(report)))
        case Message.wipeSlot: wipe(Int(report[5]))
        default: break
        }
        return true
    }

    mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]? {
        guard endpoint == OnlyKeyProfile.rawIn, !answers.isEmpty else { return nil }
        return answers.removeFirst()
    }

    private mutating func answer(_ text: String) { answer(Array(text.utf8)) }

    private mutating func answer(_ bytes: [UInt8]) {
        answers.append(bytes + [UInt8](repeating: 0, count: Self.reportLength - bytes.count))
    }

    /// What stands before the first four zero bytes in a row; what is behind the report counts as zeros.
    private static func value(_ report: [UInt8]) -> [UInt8] {
        let body = Array(report[7...])
        let padded = body + [UInt8](repeating: 0, count: 4)
        let end = body.indices.first { padded[$0..<$0 + 4].allSatisfy { $0 == 0 } } ?? body.endIndex
        return Array(body[..<end])
    }

    // MARK: Messages

    private mutating func setTime(_ report: [UInt8]) -> String {
        switch access {
        case .uninitialized: return "UNINITIALIZED"
        case .locked: return "INITIALIZED"
        case .unlocked:
            // The first one since the key got its power is the one that counts.
            clock = clock ?? report[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
        case .configuring: break
        }
        return "UNLOCKEDv\(profile.firmware)-prod\(profile.hardware)"
    }

    private mutating func getLabels() {
        if let error = accessError { return answer(error) }
        for number in 1...profile.slotCount {
            let shown = UInt8(truncatingIfNeeded: number < 10 ? number : number + 6)
            answer([shown, UInt8(ascii: "|")] + (slots[number]?.label ?? []))
        }
    }

    private mutating func setSlot(_ number: Int, field: UInt8, _ value: [UInt8]) -> String {
        if let error = accessError { return error }
        guard 1...profile.slotCount ~= number else { return "Error invalid slot" }
        var slot = slots[number] ?? OnlyKeySlot()
        let done: String
        switch field {
        case Field.label:
            slot.label = Array(value.prefix(Self.longestLabel))
            done = "Label"
        case Field.password:
            slot.password = Array(value.prefix(Self.longestPassword))
            done = "Password"
        case Field.type:
            slot.type = value.first ?? 0
            done = "2FA Type"
        case Field.totpKey:
            // A Duo without a PIN does not keep both factors of one account.
            guard profile.hasPIN || slot.password.isEmpty else { return "Error PIN is not set, password is set" }
            (slot.totpKey, slot.type) = (Array(value.prefix(Self.longestKey)), OnlyKeySlot.totp)
            done = "2FA Key"
        default: return "Error invalid field"
        }
        return keep(slot, number) ? "Successfully set \(done)" : "Error writing flash"
    }

    private mutating func wipe(_ number: Int) {
        if let error = accessError { return answer(error) }
        guard 1...profile.slotCount ~= number, keep(nil, number) else { return answer("Error writing flash") }
        for field in Self.wipedFields { answer("Successfully wiped \(field)") }
    }

    private var accessError: String? {
        switch access {
        case .uninitialized: "Error OnlyKey must be initialized first"
        case .locked: "Error device locked"
        case .unlocked, .configuring: nil
        }
    }

    private mutating func keep(_ slot: OnlyKeySlot?, _ number: Int) -> Bool {
        var changed = slots
        changed[number] = slot == OnlyKeySlot() ? nil : slot
        do {
            try onMemoryWrite?(OnlyKeyContent(changed))
            slots = changed
            return true
        } catch {
            return false
        }
    }

    static let longestLabel = 16
    static let longestKey = 57
    static let longestPassword = 56
    private static let reportLength = 64
    private static let header: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    private static let wipedFields = [
        "Label", "URL", "Username", "Password", "Additional Character", "Delay", "2FA Type", "2FA Key",
    ]

    private enum Message {
        static let setTime: UInt8 = 0xE4
        static let getLabels: UInt8 = 0xE5
        static let setSlot: UInt8 = 0xE6
        static let wipeSlot: UInt8 = 0xE7
    }

    private enum Field {
        static let label: UInt8 = 1
        static let password: UInt8 = 5
        static let type: UInt8 = 8
        static let totpKey: UInt8 = 9
    }
}
