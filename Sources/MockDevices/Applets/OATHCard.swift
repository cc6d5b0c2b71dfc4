/// The chip of a key whose smart card has a YKOATH applet and is not Yubico's: it selects applets and hands commands to
/// the selected one.
struct OATHCard: KeyChip {
    let profile: OATHProfile
    let vendorRequests: WebUSBRequests.Codes?

    private(set) var memory: OATHMemory
    private(set) var admin: CanoKeyAdmin?
    var touchCount = 0
    var touch = TouchPolicy.after(.seconds(1))
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    private var random: any RandomNumberGenerator & Sendable
    private var oath: OATHApplet
    private var selection = Selection.nothing
    private var waiting: Waiting?
    var webUSB = WebUSBRequests()

    private enum Selection: Hashable {
        case nothing, oath, admin
    }

    /// A command that waits for a touch.
    private struct Waiting {
        let command: CommandAPDU
        let isTouched: Bool
    }

    init(
        profile: OATHProfile, admin: CanoKeyAdmin? = nil, vendorRequests: WebUSBRequests.Codes? = nil,
        memory: OATHMemory?, random: any RandomNumberGenerator & Sendable
    ) {
        (self.profile, self.admin, self.vendorRequests) = (profile, admin, vendorRequests)
        self.random = random
        oath = OATHApplet(profile: profile)
        self.memory = memory ?? OATHMemory(salt: bigEndianBytes(self.random.next()))
    }

    /// Whether a command of the reader or of a vendor request is not answered yet.
    var isWaiting: Bool { waiting != nil }

    var content: any KeyContent {
        let tries = admin.flatMap { $0.tries == CanoKeyAdmin.pinTries ? nil : $0.tries }
        return OATHCardContent(oath: OATHContent(memory), adminTries: tries)
    }

    mutating func powerOn() { forgetSession() }

    mutating func powerOff() { forgetSession() }

    mutating func losePower() {
        forgetSession()
        webUSB = WebUSBRequests()
    }

    private mutating func forgetSession() {
        oath = OATHApplet(profile: profile)
        admin?.losePower()
        (selection, waiting) = (.nothing, nil)
    }

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        guard webUSB.isIdle else { return .bytes(StatusWord.bufferInUse.bytes) }
        return run(command)
    }

    mutating func run(_ command: [UInt8]) -> CardAnswer {
        let command: Result<CommandAPDU, StatusWord> = Result { () throws(StatusWord) in
            try CommandAPDU(parsing: command)
        }
        switch command {
        case .failure(let status): return .bytes(status.bytes)
        case .success(let command): return run(command)
        }
    }

    mutating func complete() -> [UInt8] {
        guard let waiting else { return StatusWord.internalError.bytes }
        self.waiting = nil
        guard waiting.isTouched else { return StatusWord.securityStatusNotSatisfied.bytes }
        touchCount += 1
        return process(waiting.command)
    }

    private mutating func run(_ command: CommandAPDU) -> CardAnswer {
        if command.instruction == Select.instruction, command.p1p2 == Select.byName { return .bytes(select(command)) }
        if selection == .admin { return .bytes(administer(command)) }
        guard selection == .oath else { return .bytes(StatusWord.instructionNotSupported.bytes) }
        guard oath.waitsForTouch(command, memory: memory) else { return .bytes(process(command)) }
        let window = profile.habits.touchWindow
        if case .after(let delay) = touch, delay <= window {
            waiting = Waiting(command: command, isTouched: true)
            return .later(delay)
        }
        waiting = Waiting(command: command, isTouched: false)
        return .later(window)
    }

    private mutating func select(_ command: CommandAPDU) -> [UInt8] {
        if command.data == Select.oath {
            selection = .oath
            return oath.select(memory) { bigEndianBytes(random.next()) } + StatusWord.success.bytes
        }
        guard admin != nil, command.data == CanoKeyAdmin.identifier else {
            return StatusWord.applicationNotFound.bytes
        }
        forgetSession()
        selection = .admin
        return StatusWord.success.bytes
    }

    private mutating func process(_ command: CommandAPDU) -> [UInt8] {
        keeping { card in card.oath.process(command, memory: &card.memory) { bigEndianBytes(card.random.next()) } }
    }

    private mutating func administer(_ command: CommandAPDU) -> [UInt8] {
        keeping { card in
            do throws(StatusWord) {
                switch try card.admin?.process(command) {
                case .answer(let answer)?: return answer + StatusWord.success.bytes
                case .resetOATH?:
                    card.memory = OATHMemory(salt: bigEndianBytes(card.random.next()))
                    return StatusWord.success.bytes
                case nil: throw .instructionNotSupported
                }
            } catch {
                return error.bytes
            }
        }
    }

    /// Runs a command and, where it changed what outlives the power, keeps the change before the host hears of it.
    private mutating func keeping(_ command: (inout OATHCard) -> [UInt8]) -> [UInt8] {
        let (memoryBefore, sessionBefore, adminBefore) = (memory, oath, admin)
        let answer = command(&self)
        guard memory != memoryBefore || admin?.tries != adminBefore?.tries, let onMemoryWrite else { return answer }
        do {
            try onMemoryWrite(content)
            return answer
        } catch {
            (memory, oath, admin) = (memoryBefore, sessionBefore, adminBefore)
            return StatusWord.memoryFailure.bytes
        }
    }

    /// SELECT (ISO/IEC 7816-4, section 11.1.1) by the whole name.
    private enum Select {
        static let instruction: UInt8 = 0xA4
        static let byName: UInt16 = 0x0400
        static let oath: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01]
    }
}

/// The part of such a key's state file that is not its header's.
struct OATHCardContent: Codable {
    let oath: OATHContent
    /// Of the administration applet; none where it has all of them, or the key has no such applet.
    var adminTries: Int?
}
