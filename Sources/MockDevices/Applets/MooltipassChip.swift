/// The two processors of a Mooltipass BLE: packets and messages, its card, questions on its display (mooltipass/minible,
/// `comms_raw_hid.c`, `comms_hid_msgs.c`, `logic_user.c`).
///
///     packet of 64 bytes                                    message
///     0  1  flip 80, wish for an acknowledgment 40, length   0  2  command, little-endian
///     1  1  number << 4, number of the last one              2  2  length, little-endian
///     2  62 part of a message                                4  …  payload
struct MooltipassChip: CardlessChip {
    let profile: MooltipassProfile
    let serial: UInt32
    var flash: MooltipassFlash
    var card = Card.unlocked
    /// What the user of the card has set: questions before codes are told.
    var asksBeforeCodes = true
    /// How the person at the display answers: after that time, or not at all.
    var touch = TouchPolicy.after(.seconds(1))
    /// Says no instead of yes.
    var declines = false
    var touchCount = 0
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?
    var isManaged = false
    /// What it is asked next is answered with "retry" that often.
    var busyAnswers = 0
    /// Unix time, and when it was set.
    var clock: (set: Int64, at: Duration)?

    enum Card: Hashable {
        case missing, unknown, locked, unlocked
    }

    /// A question on the display.
    private struct Question {
        let message: Message
        let decided: Duration
        let isApproved: Bool
    }

    struct Message: Hashable {
        let command: UInt16
        let payload: [UInt8]
    }

    /// Whether a question is on the display.
    var isAsking: Bool { question != nil }

    private var flipBit = false
    private var received: [UInt8] = []
    private var nextNumber: UInt8 = 0
    private var outbox: [[UInt8]] = []
    private var question: Question?

    init(profile: MooltipassProfile, serial: UInt32, flash: MooltipassFlash) {
        (self.profile, self.serial, self.flash) = (profile, serial, flash)
    }

    var content: any KeyContent { MooltipassContent(flash) }

    /// The card is still unlocked: a key has a battery.
    mutating func losePower() {
        (flipBit, received, nextNumber, outbox, question, isManaged) = (false, [], 0, [], nil, false)
    }

    /// What the display shows for a login at that time.
    func code(name: String, at unixTime: UInt64) -> String? {
        let parts = name.split(separator: ":", maxSplits: 1).map { Array($0.utf16) }
        guard parts.count == 2, let service = flash.service(named: parts[0]),
            let login = flash.login(named: parts[1], in: service)
        else { return nil }
        return flash.totp(of: login)?.code(at: unixTime)
    }

    // MARK: Packets

    mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool {
        guard endpoint == MooltipassProfile.rawOut else { return false }
        settle(at: now)
        guard report.count == Self.packetLength else { return true }
        if report[0] == Self.reset, report[1] == Self.reset {
            (flipBit, received, nextNumber) = (false, [], 0)
            return true
        }
        guard (report[0] & Self.flipMask != 0) == flipBit else {
            (received, nextNumber) = ([], 0)
            outbox.append([UInt8](repeating: Self.reset, count: Self.packetLength))
            return true
        }
        let (number, last) = (report[1] >> 4, report[1] & Self.lastMask)
        guard number == 0 || number == nextNumber else {
            (received, nextNumber) = ([], 0)
            return true
        }
        if number == 0 { received = [] }
        received += report[2..<2 + min(Int(report[0] & Self.lengthMask), Self.partLength)]
        nextNumber = number + 1
        guard number == last else { return true }
        flipBit.toggle()
        if report[0] & Self.acknowledgeMask != 0 { outbox.append(report) }
        let message = received
        (received, nextNumber) = ([], 0)
        // A message of another length than it says is passed over without a word.
        guard message.count >= Self.headerLength,
            message.count - Self.headerLength == Int(message[2]) | Int(message[3]) << 8
        else { return true }
        hear(
            Message(
                command: UInt16(message[0]) | UInt16(message[1]) << 8, payload: Array(message[Self.headerLength...])),
            at: now)
        return true
    }

    mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]? {
        guard endpoint == MooltipassProfile.rawIn else { return nil }
        settle(at: now)
        return outbox.isEmpty ? nil : outbox.removeFirst()
    }

    var nextReportTime: Duration? { question?.decided }

    mutating func answer(_ command: UInt16, _ payload: [UInt8]) {
        let message =
            [command, UInt16(payload.count)].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } + payload
        let starts = Array(stride(from: 0, to: message.count, by: Self.partLength))
        for (number, start) in starts.enumerated() {
            let part = message[start..<min(start + Self.partLength, message.count)]
            let packet = [UInt8(part.count), UInt8(number) << 4 | UInt8(starts.count - 1)] + part
            outbox.append(packet + [UInt8](repeating: 0, count: Self.packetLength - packet.count))
        }
    }

    // MARK: Messages

    private mutating func hear(_ message: Message, at now: Duration) {
        // The second processor knows the status, and answers while the first one waits for a person.
        if message.command == Command.status { return answer(message.command, status) }
        if message.command == Command.cancel {
            if let question { decide(question, isApproved: false) }
            return
        }
        guard question == nil || message.command == Command.ping, busyAnswers == 0 else {
            busyAnswers = max(0, busyAnswers - 1)
            return answer(Command.retry, (0..<4).map { UInt8(truncatingIfNeeded: serial >> (8 * $0)) })
        }
        if Command.management.contains(message.command), !isManaged { return answer(message.command, [0]) }
        switch message.command {
        case Command.setDate: setDate(message, at: now)
        case Command.startManagement, Command.storeTOTP, Command.getCode: ask(message, at: now)
        default: reply(to: message)
        }
    }

    private mutating func setDate(_ message: Message, at now: Duration) {
        let words = message.words
        guard words.count == 6 else { return answer(message.command, [0]) }
        // The clock keeps six bits of the year.
        let year = Int64((words[0] &- Self.firstYear) & Self.yearMask) + Int64(Self.firstYear)
        clock = (Self.unixTime(year, words.dropFirst().map(Int64.init)), now)
        answer(message.command, [1])
    }

    /// Asks where a person is to be asked; what is refused without a person is refused at once.
    private mutating func ask(_ message: Message, at now: Duration) {
        guard card == .unlocked, isAskable(message) else { return decline(message) }
        guard message.command != Command.getCode || asksBeforeCodes else { return execute(message, at: now) }
        question =
            switch touch {
            case .after(let time) where time <= Self.longestQuestion:
                Question(message: message, decided: now + time, isApproved: !declines)
            default: Question(message: message, decided: now + Self.longestQuestion, isApproved: false)
            }
    }

    private mutating func settle(at now: Duration) {
        guard let question, question.decided <= now else { return }
        decide(question, isApproved: question.isApproved)
    }

    private mutating func decide(_ asked: Question, isApproved: Bool) {
        question = nil
        guard isApproved else { return decline(asked.message) }
        touchCount += 1
        execute(asked.message, at: asked.decided)
    }

    mutating func decline(_ message: Message) {
        answer(message.command, message.command == Command.getCode ? [] : [0])
    }

    var status: [UInt8] {
        var bits: UInt8 = isManaged ? 0x10 : 0
        switch card {
        case .missing: break
        case .unknown: bits |= 0x09
        case .locked: bits |= 0x01
        case .unlocked: bits |= 0x05
        }
        return [bits, 80, 0x07, 0x00, 0x00]
    }

    /// Keeps what the memory is going to be, where the state file takes it.
    mutating func keep(_ changed: MooltipassFlash) -> Bool {
        do {
            try onMemoryWrite?(MooltipassContent(changed))
            flash = changed
            return true
        } catch {
            return false
        }
    }

    private static func unixTime(_ year: Int64, _ rest: [Int64]) -> Int64 {
        // Days from the calendar's beginning in March, as leap days end a year then.
        let (month, day) = (rest[0], rest[1])
        let shifted = year - (month <= 2 ? 1 : 0)
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return (days - daysBefore1970) * 86_400 + rest[2] * 3600 + rest[3] * 60 + rest[4]
    }

    private static let packetLength = 64
    private static let partLength = 62
    private static let headerLength = 4
    private static let reset: UInt8 = 0xFF
    private static let flipMask: UInt8 = 0x80
    private static let acknowledgeMask: UInt8 = 0x40
    private static let lengthMask: UInt8 = 0x3F
    private static let lastMask: UInt8 = 0x0F
    private static let yearMask: UInt16 = 0x3F
    private static let firstYear: UInt16 = 2000
    private static let daysBefore1970: Int64 = 719_468
    /// As it is set in a new key.
    private static let longestQuestion: Duration = .seconds(15)
}
