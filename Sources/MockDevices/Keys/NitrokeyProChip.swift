import USBTransport

/// The chip of a Nitrokey Pro, a Nitrokey Storage or a Librem Key behind its feature reports. The OpenPGP card and the
/// memory stick of the real keys are not there.
struct NitrokeyProChip: CardlessChip {
    var memory: NitrokeyMemory
    /// It has no button.
    var touch = TouchPolicy.never
    let touchCount = 0
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    /// For how long the key goes on showing its last response after it took a request, and says that it is ready.
    var showsLastResponse: Duration = .zero

    private(set) var firmware: NitrokeyFirmware
    private var reports = NitrokeyReports()

    init(profile: NitrokeyProProfile, serial: UInt32, memory: NitrokeyMemory) {
        self.memory = memory
        firmware = NitrokeyFirmware(profile: profile, serial: serial)
    }

    var content: any KeyContent { NitrokeyContent(memory) }

    mutating func losePower() {
        firmware = NitrokeyFirmware(profile: firmware.profile, serial: firmware.serial)
        reports = NitrokeyReports()
    }

    mutating func feature(on interface: UInt8, at now: Duration) -> [UInt8]? { reports.report(at: now) }

    mutating func take(feature report: [UInt8], on interface: UInt8, at now: Duration) -> Bool {
        guard let request = reports.take(report, at: now) else { return true }
        let before = memory
        var (status, output): (UInt8, [UInt8]) = (0, [])
        do throws(NitrokeyRefusal) {
            guard request.isIntact else { throw .wrongCRC }
            output = try firmware.process(
                request.command, request.payload, crc: request.crc, at: now, &memory)
        } catch {
            status = error.rawValue
        }
        let isChanged = memory != before
        if isChanged, !keep(before) { (status, output) = (NitrokeyRefusal.unknownError.rawValue, []) }
        reports.answer(
            request, status: status, output: output, takes: isChanged ? Self.flashTime : Self.commandTime,
            after: showsLastResponse, at: now)
        return true
    }

    /// - Returns: false where the memory could not be written and is as it was.
    private mutating func keep(_ before: NitrokeyMemory) -> Bool {
        do {
            try onMemoryWrite?(content)
            return true
        } catch {
            memory = before
            return false
        }
    }

    /// Neither is published. The second is longer than the host's first pause, so that it meets a busy key.
    private static let commandTime: Duration = .milliseconds(20)
    private static let flashTime: Duration = .milliseconds(150)
}

/// Members of the state file. Bytes are hexadecimal, see `KeySnapshot`.
struct NitrokeyContent: Codable {
    let userPIN: HexBytes
    let userTries: UInt8
    let adminPIN: HexBytes
    let adminTries: UInt8
    let protectsCodes: Bool
    let slots: [Slot]

    struct Slot: Codable {
        let slot: UInt8
        let name: HexBytes
        let secret: HexBytes
        let config: UInt8
        let tokenID: HexBytes
        let counter: UInt64
    }

    init(_ memory: NitrokeyMemory) {
        (userPIN, userTries) = (HexBytes(memory.userPIN), memory.userTries)
        (adminPIN, adminTries) = (HexBytes(memory.adminPIN), memory.adminTries)
        protectsCodes = memory.protectsCodes
        slots = memory.slots.sorted { $0.key < $1.key }.map { number, stored in
            Slot(
                slot: number, name: HexBytes(stored.name), secret: HexBytes(stored.secret), config: stored.config,
                tokenID: HexBytes(stored.tokenID), counter: stored.counter)
        }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func memory() throws(VirtualKeyError) -> NitrokeyMemory {
        guard max(userTries, adminTries) <= NitrokeyMemory.pinTries else { throw .invalid(.pin) }
        var memory = NitrokeyMemory(
            userPIN: userPIN.bytes, userTries: userTries, adminPIN: adminPIN.bytes, adminTries: adminTries,
            protectsCodes: protectsCodes)
        for stored in slots {
            guard NitrokeyProProfile.slots.contains(stored.slot), memory.slots[stored.slot] == nil,
                stored.name.bytes.count == NitrokeyStoredSlot.nameLength,
                stored.secret.bytes.count == NitrokeyStoredSlot.secretLength,
                stored.tokenID.bytes.count == NitrokeyStoredSlot.tokenIDLength
            else { throw .invalid(.slot(Int(stored.slot))) }
            memory.slots[stored.slot] = NitrokeyStoredSlot(
                name: stored.name.bytes, secret: stored.secret.bytes, config: stored.config,
                tokenID: stored.tokenID.bytes, counter: stored.counter)
        }
        return memory
    }
}
