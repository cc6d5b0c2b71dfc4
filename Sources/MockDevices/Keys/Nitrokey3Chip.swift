import USBTransport

/// The chip of a Nitrokey 3 with its secrets application, which answers over the FIDO interface and as a card.
///
/// A FIDO authenticator is not behind it: of the commands of the FIDO interface it takes INIT, PING and the vendor command
/// of the application.
struct Nitrokey3Chip: KeyChip {
    var memory: SecretsMemory
    var touch = TouchPolicy.after(.seconds(1))
    var touchCount = 0
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?
    var port: CTAPHIDPort

    private let applets: SecretsApplet
    private var random: any RandomNumberGenerator & Sendable
    private let input: UInt8
    /// The application keeps one session for both interfaces.
    private var applet: SecretsApplet
    private var isSelected = false
    private var waiting: Waiting?
    /// What is left of an answer to a card reader.
    private var rest: ArraySlice<UInt8> = []

    private struct Waiting {
        let command: CommandAPDU
        let isTouched: Bool
        let due: Duration
    }

    init(
        profile: Nitrokey3Profile, serial: UInt32, memory: SecretsMemory?,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.random = random
        input = Nitrokey3Profile.fidoIn
        applets = SecretsApplet(version: profile.firmware.bytes, serial: packedDecimal(serial))
        applet = applets
        port = CTAPHIDPort(
            deviceVersion: profile.firmware.bytes, capabilities: Self.capabilities, longestMessage: Self.longestMessage)
        self.memory = memory ?? SecretsMemory(salt: bigEndianBytes(self.random.next()))
    }

    var content: any KeyContent { SecretsContent(memory) }

    // MARK: As a card

    mutating func powerOn() { forgetCard() }
    mutating func powerOff() { forgetCard() }

    mutating func losePower() {
        forgetCard()
        waiting = nil
        applet = applets
        port = CTAPHIDPort(
            deviceVersion: applets.version, capabilities: Self.capabilities, longestMessage: Self.longestMessage)
    }

    private mutating func forgetCard() { (isSelected, rest) = (false, []) }

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        let parsed: CommandAPDU
        do throws(StatusWord) { parsed = try CommandAPDU(parsing: command) } catch { return .bytes(error.bytes) }
        if parsed.instruction == Card.getResponse { return .bytes(nextBlock()) }
        if parsed.instruction == SecretsInstruction.select.rawValue {
            guard SecretsApplet.identifier == parsed.data else {
                return .bytes(StatusWord.applicationNotFound.bytes)
            }
            isSelected = true
        }
        guard isSelected else { return .bytes(StatusWord.instructionNotSupported.bytes) }
        guard waitsForTouch(parsed, at: .zero) else {
            let answer = run(parsed, isTouched: false)
            return .bytes(blocks(answer))
        }
        return .later(waiting?.due ?? .zero)
    }

    mutating func complete() -> [UInt8] {
        guard let waiting else { return StatusWord.internalError.bytes }
        return blocks(finish(waiting))
    }

    /// The dispatcher of the card cuts long answers (apdu-dispatch), and fetches what the application cut itself.
    private mutating func blocks(_ answer: (data: [UInt8], status: StatusWord)) -> [UInt8] {
        var (data, status) = answer
        while status == Card.moreData, let sendRemaining = try? CommandAPDU(parsing: Card.sendRemaining) {
            let more = run(sendRemaining, isTouched: false)
            data += more.data
            status = more.status
        }
        guard status == .success else { return status.bytes }
        rest = data[...]
        return nextBlock()
    }

    private mutating func nextBlock() -> [UInt8] {
        let block = rest.prefix(Card.blockLength)
        rest = rest.dropFirst(Card.blockLength)
        return block + (rest.isEmpty ? StatusWord.success : .moreData(rest.count)).bytes
    }

    // MARK: Behind the FIDO interface

    mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool {
        finishDue(at: now)
        guard let message = port.take(report, at: now) else { return true }
        switch message.command {
        case Command.ping: port.answer(message, message.bytes)
        case Command.secrets: run(message, at: now)
        default: port.refuse(message)
        }
        return true
    }

    mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]? {
        guard endpoint == input else { return nil }
        finishDue(at: now)
        return port.nextPacket(at: now)
    }

    var nextReportTime: Duration? { port.nextTime }

    private mutating func run(_ message: CTAPHIDPort.Message, at now: Duration) {
        let command: CommandAPDU
        do throws(StatusWord) {
            command = try CommandAPDU(parsing: message.bytes)
        } catch {
            return port.answer(message, error.bytes)
        }
        guard waitsForTouch(command, at: now), let waiting else {
            return port.answer(message, Self.statusFirst(run(command, isTouched: false)))
        }
        port.wait(message, until: waiting.due, at: now)
    }

    private mutating func finishDue(at now: Duration) {
        guard let message = port.nextDue(at: now), let waiting else { return }
        port.answer(message, Self.statusFirst(finish(waiting)))
    }

    private static func statusFirst(_ answer: (data: [UInt8], status: StatusWord)) -> [UInt8] {
        answer.status.bytes + answer.data
    }

    // MARK: The application

    /// - Returns: whether the command is kept in `waiting` until then.
    private mutating func waitsForTouch(_ command: CommandAPDU, at now: Duration) -> Bool {
        guard applet.waitsForTouch(command, memory: memory) else { return false }
        if case .after(let delay) = touch, delay <= SecretsApplet.touchWindow {
            waiting = Waiting(command: command, isTouched: true, due: now + delay)
        } else {
            waiting = Waiting(command: command, isTouched: false, due: now + SecretsApplet.touchWindow)
        }
        return true
    }

    private mutating func finish(_ waiting: Waiting) -> (data: [UInt8], status: StatusWord) {
        self.waiting = nil
        if waiting.isTouched { touchCount += 1 }
        return run(waiting.command, isTouched: waiting.isTouched)
    }

    /// Where the command changed the memory, the change is kept before the host hears of it.
    private mutating func run(_ command: CommandAPDU, isTouched: Bool) -> (data: [UInt8], status: StatusWord) {
        let before = memory
        let answer = applet.process(command, isTouched: isTouched, memory: &memory) {
            bigEndianBytes(random.next())
        }
        guard memory != before, let onMemoryWrite else { return answer }
        do {
            try onMemoryWrite(content)
            return answer
        } catch {
            memory = before
            return ([], .memoryFailure)
        }
    }

    /// WINK and CBOR.
    private static let capabilities: UInt8 = 0x05
    private static let longestMessage = 3072

    private enum Card {
        static let getResponse: UInt8 = 0xC0
        static let blockLength = 256
        static let sendRemaining: [UInt8] = [0x00, 0xA5, 0x00, 0x00]
        static let moreData = StatusWord.moreData(Int(UInt8.max))
    }

    private enum Command {
        static let ping: UInt8 = 0x01
        static let secrets: UInt8 = 0x70
    }
}

/// The digits of an eight-digit number, two in a byte, so that hexadecimal shows the number.
func packedDecimal(_ number: UInt32) -> [UInt8] {
    let digits = String(number).utf8.map { $0 & decimalMask }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private let decimalMask: UInt8 = 0x0F
