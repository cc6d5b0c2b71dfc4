/// The commands of the OTP application (yubikey-personalization, `ykdef.h`; yubikit, `yubiotp.py`), whatever brings them.
///
/// It says no without a reason: the programming sequence stays as it is.
struct OTPSlots: Hashable, Sendable {
    let profile: OTPProfile
    let serial: UInt32
    let management: ManagementApplet

    /// Status, as SELECT and idle reports show it:
    ///
    ///     0  3  firmware version
    ///     3  1  programming sequence
    ///     4  2  touch level, little-endian
    func status(_ memory: OTPMemory) -> [UInt8] {
        profile.firmware.bytes + [memory.sequence] + littleEndianBytes(memory.touchLevel)
    }

    /// - Returns: nil where the key keeps its number to itself: it has configurations, and none shows it.
    func visibleSerial(_ memory: OTPMemory) -> [UInt8]? {
        let isVisible = memory.configured.isEmpty || memory.configured.contains(where: \.showsSerial)
        return isVisible ? bigEndianBytes(serial) : nil
    }

    /// - Parameter payload: 64 bytes.
    func process(_ command: UInt8, _ payload: [UInt8], _ memory: inout OTPMemory) -> OTPAnswer {
        switch command {
        case Command.config1: write(payload, to: .one, &memory)
        case Command.config2: write(payload, to: .two, &memory)
        case Command.update1: update(payload, .one, &memory)
        case Command.update2: update(payload, .two, &memory)
        case Command.swap: swap(payload, &memory)
        // What the radio would send is not kept: a virtual key has none.
        case Command.ndef1: if isOpen(.one, to: payload, memory) { memory.count() }
        case Command.ndef2: if isOpen(.two, to: payload, memory) { memory.count() }
        case Command.deviceSerial: return visibleSerial(memory).map { .response($0) } ?? .none
        case Command.deviceInfo:
            // The first byte is the number of the page, and there is one.
            guard payload.first == 0, let page = management.page else { return .none }
            return .response(page)
        case Command.hmac1: return compute(payload, .one, memory)
        case Command.hmac2: return compute(payload, .two, memory)
        default: break
        }
        return .none
    }

    /// What a slot types when it is touched, as far as that is a code of OATH-HOTP or a static password on a keyboard of the
    /// United States; nil for slots that type something else.
    func typedText(_ number: OTPSlotNumber, _ memory: inout OTPMemory) -> String? {
        if let slot = memory[number], slot.isStatic { return OTPKeyboard.text(slot.scanCodes) }
        guard let slot = memory[number], slot.isHOTP, !slot.hasFixedPart,
            let digest = try? HMACHash.sha1.authenticate(
                bigEndianBytes(slot.movingFactor &+ slot.uses), key: slot.longKey)
        else { return nil }
        memory.use(number)
        return OATHStoredCredential.code(digest, digits: slot.hasEightDigits ? 8 : 6)
    }

    // MARK: Commands

    private func write(_ payload: [UInt8], to number: OTPSlotNumber, _ memory: inout OTPMemory) {
        guard isOpen(number, to: payload, memory), !isProtectedBySlot1(number, memory) else { return }
        let record = Array(payload.prefix(OTPStoredSlot.length))
        if record.allSatisfy({ $0 == 0 }) {
            memory.store(nil, in: number)
        } else if let slot = OTPStoredSlot(record) {
            memory.store(slot, in: number)
        }
    }

    private func update(_ payload: [UInt8], _ number: OTPSlotNumber, _ memory: inout OTPMemory) {
        guard var slot = memory[number], slot.allowsUpdate, isOpen(number, to: payload, memory),
            let change = OTPStoredSlot(Array(payload.prefix(OTPStoredSlot.length)))
        else { return }
        slot.update(from: change, keepsAccessCode: profile.updateKeepsAccessCode)
        memory.store(slot, in: number)
    }

    private func swap(_ payload: [UInt8], _ memory: inout OTPMemory) {
        guard !memory.configured.isEmpty, memory.configured.allSatisfy(\.allowsUpdate),
            OTPSlotNumber.allCases.allSatisfy({ isOpen($0, to: payload, memory) })
        else { return }
        memory.swap()
    }

    /// Bytes equal to the last one are no part of a challenge where the slot takes short ones.
    private func compute(_ payload: [UInt8], _ number: OTPSlotNumber, _ memory: OTPMemory) -> OTPAnswer {
        guard let slot = memory[number], slot.computesHMAC else { return .none }
        var challenge = payload[...]
        if slot.takesShortChallenges {
            while let last = challenge.last, last == payload.last { challenge.removeLast() }
        }
        guard let digest = try? HMACHash.sha1.authenticate(Array(challenge), key: slot.longKey) else { return .none }
        return slot.needsTouch ? .touch(digest) : .response(digest)
    }

    // MARK: Protection

    /// Whether the payload has the slot's access code, behind the record, or the slot has none.
    private func isOpen(_ number: OTPSlotNumber, to payload: [UInt8], _ memory: OTPMemory) -> Bool {
        guard let slot = memory[number], slot.isProtected else { return true }
        return constantTimeEqual(Array(payload[Self.currentCode]), Array(slot.accessCode))
    }

    /// PROTECT_CFG2 in slot 1 keeps slot 2 from being written unless it has the flag too.
    private func isProtectedBySlot1(_ number: OTPSlotNumber, _ memory: OTPMemory) -> Bool {
        number == .two && memory[.one]?.protectsSlot2 == true && memory[.two]?.protectsSlot2 != true
    }

    private static let currentCode = 52..<58

    private enum Command {
        static let config1: UInt8 = 0x01
        static let config2: UInt8 = 0x03
        static let update1: UInt8 = 0x04
        static let update2: UInt8 = 0x05
        static let swap: UInt8 = 0x06
        static let ndef1: UInt8 = 0x08
        static let ndef2: UInt8 = 0x09
        static let deviceSerial: UInt8 = 0x10
        static let deviceInfo: UInt8 = 0x13
        static let hmac1: UInt8 = 0x30
        static let hmac2: UInt8 = 0x38
    }
}

/// What comes of a command to the OTP application.
enum OTPAnswer: Hashable, Sendable {
    /// Nothing but the status, which tells whether a write was counted.
    case none
    case response([UInt8])
    /// The response, once the key is touched.
    case touch([UInt8])
}

/// How the OTP application of one firmware differs from those of others.
struct OTPProfile: Hashable, Sendable {
    let firmware: VirtualModel.Firmware
    /// An update leaves the access code as it was.
    let updateKeepsAccessCode: Bool
    /// After power comes, the status over HID is an old one until a command answered with the status (NEO).
    let showsStaleStatus: Bool
    /// Over CCID the programming sequence stays 0.
    let hidesSequenceOverCard: Bool
    /// So long after the first report the key takes none (NEO). How long a real one takes is not published.
    let startupTime: Duration

    init(firmware: VirtualModel.Firmware) {
        self.firmware = firmware
        updateKeepsAccessCode = (Self.firstKeeping...Self.lastKeeping).contains(firmware)
        let isNEO = firmware.major == Self.neo
        showsStaleStatus = isNEO
        hidesSequenceOverCard = (Self.firstHiding...Self.lastHiding).contains(firmware)
        startupTime = isNEO ? .milliseconds(100) : .zero
    }

    private static let neo: UInt8 = 3
    private static let firstHiding = VirtualModel.Firmware(5, 0, 0)
    private static let lastHiding = VirtualModel.Firmware(5, 4, 2)
    private static let firstKeeping = VirtualModel.Firmware(4, 3, 2)
    private static let lastKeeping = VirtualModel.Firmware(4, 3, 5)
}
