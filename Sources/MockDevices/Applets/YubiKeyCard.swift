/// The chip of a YubiKey: as a card it joins chained commands, selects applets and hands commands to the selected one
/// (ISO/IEC 7816-4, sections 5.3.3 and 11.1.1); as a keyboard it takes frames for the OTP application. It keeps the
/// memory of both.
struct YubiKeyCard: KeyChip {
    let oathProfile: OATHProfile
    let management: ManagementApplet
    let otp: OTPApplet

    private(set) var memory: OATHMemory
    private(set) var slotMemory: OTPMemory
    var touchCount = 0
    var touch = TouchPolicy.after(.seconds(1))
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    var reports: OTPReports
    /// Its owner can switch the application off and leave the reader on.
    var isOATHEnabled = true

    private var random: any RandomNumberGenerator & Sendable
    private var oath: OATHApplet
    private var selected: Application?
    private var chain: CommandAPDU?
    private var waiting: Waiting?

    private enum Application {
        case oath, management, otp

        static let all: [(application: Application, identifier: [UInt8])] = [
            (.oath, OATHApplet.identifier), (.management, ManagementApplet.identifier),
            (.otp, OTPApplet.identifier),
        ]
    }

    /// A command that waits for a touch.
    private struct Waiting {
        let command: CommandAPDU
        let isTouched: Bool
        /// Of the OTP application, which has computed already.
        var response: [UInt8]?
    }

    init(
        oathProfile: OATHProfile, slots: OTPSlots, memory: OATHMemory?, slotMemory: OTPMemory,
        random: any RandomNumberGenerator & Sendable
    ) {
        (self.oathProfile, self.slotMemory, self.random) = (oathProfile, slotMemory, random)
        (management, otp) = (slots.management, OTPApplet(slots: slots))
        oath = OATHApplet(profile: oathProfile)
        reports = OTPReports(profile: slots.profile)
        self.memory = memory ?? OATHMemory(salt: Self.draw(&self.random))
    }

    var content: any KeyContent { YubiKeyContent(memory, slotMemory) }

    mutating func powerOn() { forgetSession() }

    mutating func powerOff() { forgetSession() }

    mutating func losePower() { reports = OTPReports(profile: otp.slots.profile) }

    private mutating func forgetSession() {
        oath = OATHApplet(profile: oathProfile)
        (selected, chain, waiting) = (nil, nil, nil)
    }

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        do throws(StatusWord) {
            guard let whole = try joined(try CommandAPDU(parsing: command)) else {
                return .bytes(StatusWord.success.bytes)
            }
            return run(whole)
        } catch {
            chain = nil
            return .bytes(error.bytes)
        }
    }

    mutating func complete() -> [UInt8] {
        guard let waiting else { return StatusWord.internalError.bytes }
        self.waiting = nil
        guard waiting.isTouched else {
            let isOTP = waiting.response != nil
            return (isOTP ? StatusWord.conditionsNotSatisfied : .securityStatusNotSatisfied).bytes
        }
        touchCount += 1
        return waiting.response ?? processOATH(waiting.command)
    }

    // MARK: Chaining

    /// - Returns: nil while more of the command is to come.
    private mutating func joined(_ part: CommandAPDU) throws(StatusWord) -> CommandAPDU? {
        var command = part
        if let begun = chain {
            guard part.instruction == begun.instruction, part.p1p2 == begun.p1p2 else { throw .lastOfChainExpected }
            command.data = begun.data + part.data
        }
        guard command.data.count <= Self.longestData else { throw .wrongLength }
        chain = part.isChained ? command : nil
        return part.isChained ? nil : command
    }

    // MARK: Applets

    private mutating func run(_ command: CommandAPDU) -> CardAnswer {
        if command.instruction == Select.instruction, command.p1 == Select.byName {
            return .bytes(select(command))
        }
        switch selected {
        case nil: return .bytes(StatusWord.instructionNotSupported.bytes)
        case .management: return .bytes(Self.answer { () throws(StatusWord) in try management.process(command) })
        case .otp: return processOTP(command)
        case .oath: break
        }
        guard oath.waitsForTouch(command, memory: memory) else { return .bytes(processOATH(command)) }
        return wait(Waiting(command: command, isTouched: isTouchedInTime))
    }

    private var isTouchedInTime: Bool {
        if case .after(let delay) = touch { delay <= oathProfile.habits.touchWindow } else { false }
    }

    private mutating func wait(_ command: Waiting) -> CardAnswer {
        waiting = command
        guard command.isTouched, case .after(let delay) = touch else { return .later(oathProfile.habits.touchWindow) }
        return .later(delay)
    }

    private mutating func processOTP(_ command: CommandAPDU) -> CardAnswer {
        var changed = slotMemory
        do throws(StatusWord) {
            switch try otp.process(command, &changed) {
            case .none: return .bytes(StatusWord.success.bytes)
            case .response(let response):
                guard keep(changed) else { return .bytes(StatusWord.memoryFailure.bytes) }
                return .bytes(response + StatusWord.success.bytes)
            case .touch(let response):
                let answer = response + StatusWord.success.bytes
                return wait(Waiting(command: command, isTouched: isTouchedInTime, response: answer))
            }
        } catch {
            return .bytes(error.bytes)
        }
    }

    /// SELECT by name takes the first applet whose identifier begins with the bytes given, which have to hold the
    /// registered part; a failed one leaves the selection as it was.
    private mutating func select(_ command: CommandAPDU) -> [UInt8] {
        guard command.p2 == Select.firstOccurrence else { return StatusWord.incorrectP1P2.bytes }
        let match = Application.all.first { $0.identifier.starts(with: command.data) }
        guard command.data.count >= Select.registeredLength, let match,
            isOATHEnabled || match.application != .oath
        else {
            return StatusWord.applicationNotFound.bytes
        }
        selected = match.application
        let data =
            switch match.application {
            case .oath: oath.select(memory) { Self.draw(&random) }
            case .management: management.select()
            case .otp: otp.select(slotMemory)
            }
        return data + StatusWord.success.bytes
    }

    private static func answer(_ process: () throws(StatusWord) -> [UInt8]) -> [UInt8] {
        do throws(StatusWord) {
            return try process() + StatusWord.success.bytes
        } catch {
            return error.bytes
        }
    }

    /// Runs a command and, where it changed the memory, keeps the change before the host hears of it.
    private mutating func processOATH(_ command: CommandAPDU) -> [UInt8] {
        let (memoryBefore, sessionBefore) = (memory, oath)
        let answer = oath.process(command, memory: &memory) { Self.draw(&random) }
        guard memory != memoryBefore, let onMemoryWrite else { return answer }
        do {
            try onMemoryWrite(content)
            return answer
        } catch {
            (memory, oath) = (memoryBefore, sessionBefore)
            return StatusWord.memoryFailure.bytes
        }
    }

    /// Keeps the memory of the slots as it has become.
    ///
    /// - Returns: false where it could not be written and is as it was.
    @discardableResult
    mutating func keep(_ changed: OTPMemory) -> Bool {
        guard changed != slotMemory else { return true }
        do {
            try onMemoryWrite?(YubiKeyContent(memory, changed))
            slotMemory = changed
            return true
        } catch {
            return false
        }
    }

    private static func draw(_ random: inout any RandomNumberGenerator & Sendable) -> [UInt8] {
        bigEndianBytes(random.next())
    }

    private static let longestData = 0xFFFF

    /// SELECT (ISO/IEC 7816-4, section 11.1.1).
    private enum Select {
        static let instruction: UInt8 = 0xA4
        static let byName: UInt8 = 0x04
        static let firstOccurrence: UInt8 = 0x00
        /// Bytes of the registered application provider, which no applet shares with one of another maker.
        static let registeredLength = 5
    }
}

/// Who touches the key, and when.
public enum TouchPolicy: Hashable, Sendable {
    /// So long after the key began to wait, in virtual time. Longer than 15 seconds is too late.
    case after(Duration)
    case never
}
