/// The chip of a Molto2: a card without applets (token2/molto2-tools, `docs/MOLTO2-PROTOCOL.md`; what titles, empty profiles
/// and wrong keys are answered with, framefilter/keyroost, `docs/PROTOCOL.md`, which tried a device).
///
///     80 41 00 00 00           serial and time              80 4B 08 00 00    a challenge of 8 bytes
///     80 41 00 nn 01 70        profile                      80 CE 00 00 10 …  its answer
///     84 C5 01 nn Lc … mac     seed                         80 E6 00 nn 00    delete the seed
///     84 D5 00 nn Lc … mac     title
///     84 D4 01 nn Lc … mac     configuration, or the time alone
struct Molto2Chip: KeyChip {
    let serial: UInt32
    private(set) var memory: Molto2Memory
    var touch = TouchPolicy.after(.seconds(1))
    var touchCount: Int { 0 }
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    /// Unix time, big-endian.
    private(set) var clock: [UInt8] = [0, 0, 0, 0]
    private var challenge: [UInt8]?
    private var isAuthenticated = false
    private var random: any RandomNumberGenerator & Sendable

    init(serial: UInt32, memory: Molto2Memory, random: any RandomNumberGenerator & Sendable) {
        (self.serial, self.memory, self.random) = (serial, memory, random)
    }

    var content: any KeyContent { Molto2Content(memory) }

    func code(slot: Int, at unixTime: UInt64) -> String? { memory.profiles[slot]?.code(at: unixTime) }

    mutating func powerOn() { (challenge, isAuthenticated) = (nil, false) }
    mutating func powerOff() { powerOn() }
    mutating func complete() -> [UInt8] { StatusWord.internalError.bytes }

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        do throws(StatusWord) {
            return .bytes(try process(try Molto2APDU(command)) + StatusWord.success.bytes)
        } catch {
            return .bytes(error.bytes)
        }
    }

    private mutating func process(_ command: Molto2APDU) throws(StatusWord) -> [UInt8] {
        switch (command.classByte, command.instruction, command.p1) {
        case (Class.plain, Instruction.read, 0):
            return command.body == [Tag.seedInfo] ? try profile(command.number) : info
        case (Class.plain, Instruction.getChallenge, _): return drawChallenge()
        case (Class.plain, Instruction.answerChallenge, _): try authenticate(command.body)
        case (Class.plain, Instruction.deleteSeed, 0):
            guard isAuthenticated else { throw .securityStatusNotSatisfied }
            try deleteSeed(command.number)
        case (Class.secure, Instruction.writeSeed, 1): try writeSeed(try opened(command), command.number)
        case (Class.secure, Instruction.writeTitle, 0): try writeTitle(try opened(command), command.number)
        case (Class.secure, Instruction.configure, 1): try configure(try checked(command), command.number)
        default: throw .instructionNotSupported
        }
        return []
    }

    // MARK: Reading

    private var info: [UInt8] {
        let serial = Array(String(serial).utf8)
        return [0, 0, 0, UInt8(truncatingIfNeeded: serial.count)] + serial + [0, 0] + clock
    }

    private func profile(_ number: Int) throws(StatusWord) -> [UInt8] {
        guard number < Self.profileCount else { throw .incorrectP1P2 }
        let profile = memory.profiles[number] ?? Molto2StoredProfile()
        let title = profile.title + [UInt8](repeating: 0, count: Molto2StoredProfile.longestTitle - profile.title.count)
        let value =
            [Self.profileFlag] + title + clock + profile.time
            + [profile.algorithm.rawValue, profile.period, profile.digits, profile.seed.isEmpty ? 0 : 1]
        let inner = [Tag.seedInfo, UInt8(truncatingIfNeeded: value.count)] + value
        return [Tag.publicData, UInt8(truncatingIfNeeded: inner.count)] + inner
    }

    // MARK: The customer key

    private mutating func drawChallenge() -> [UInt8] {
        let drawn = bigEndianBytes(random.next() as UInt64)
        challenge = drawn
        return drawn
    }

    private mutating func authenticate(_ answer: [UInt8]) throws(StatusWord) {
        guard memory.attempts > 0 else { throw .authenticationBlocked }
        guard let challenge else { throw .conditionsNotSatisfied }
        self.challenge = nil
        let expected = try SM4.encrypt(challenge + [UInt8](repeating: 0, count: 8), key: memory.key)
        guard constantTimeEqual(answer, expected) else {
            try keep { $0.attempts -= 1 }
            throw .triesLeft(Int(memory.attempts))
        }
        isAuthenticated = true
        if memory.attempts < Molto2Memory.mostAttempts { try keep { $0.attempts = Molto2Memory.mostAttempts } }
    }

    /// The body of a command with the right MAC.
    private func checked(_ command: Molto2APDU) throws(StatusWord) -> [UInt8] {
        guard isAuthenticated else { throw .securityStatusNotSatisfied }
        guard command.number < Self.profileCount else { throw .incorrectP1P2 }
        guard command.body.count > Self.macLength else { throw .wrongLength }
        let body = Array(command.body.dropLast(Self.macLength))
        let header = [
            Class.plain, command.instruction, command.p1, UInt8(command.number), UInt8(truncatingIfNeeded: body.count),
        ]
        var message = header + body
        if !message.count.isMultiple(of: SM4.blockLength) {
            message.append(Self.paddingMark)
            while !message.count.isMultiple(of: SM4.blockLength) { message.append(0) }
        }
        let mac = try SM4.lastOfChain(message, key: memory.key).prefix(Self.macLength)
        guard constantTimeEqual(Array(mac), Array(command.body.suffix(Self.macLength))) else { throw .wrongMAC }
        return body
    }

    /// The same, deciphered and without its padding.
    private func opened(_ command: Molto2APDU) throws(StatusWord) -> [UInt8] {
        let padded = try SM4.decrypt(try checked(command), key: memory.key)
        guard let end = padded.lastIndex(where: { $0 != 0 }) else { return [] }
        guard padded[end] == Self.paddingMark else { throw .wrongData }
        return Array(padded[..<end])
    }

    // MARK: Writing

    private mutating func writeSeed(_ seed: [UInt8], _ number: Int) throws(StatusWord) {
        guard seed.count <= Molto2StoredProfile.longestSeed else { throw .wrongData }
        // Nothing is written over but by zeros, which clear it.
        guard seed.isEmpty || memory.profiles[number]?.seed.isEmpty != false else { throw .conditionsNotSatisfied }
        try change(number) { $0.seed = seed }
    }

    private mutating func writeTitle(_ title: [UInt8], _ number: Int) throws(StatusWord) {
        guard title.count <= Self.longestTitle else { throw .wrongData }
        try change(number) { $0.title = title }
    }

    private mutating func deleteSeed(_ number: Int) throws(StatusWord) {
        guard memory.profiles[number]?.seed.isEmpty == false else { throw .recordNotFound }
        try change(number) { $0.seed = [] }
    }

    private mutating func configure(_ body: [UInt8], _ number: Int) throws(StatusWord) {
        if let time = Configuration.values(of: body, in: Configuration.time) {
            clock = time
            return
        }
        guard let values = Configuration.values(of: body, in: Configuration.whole) else { throw .wrongData }
        var reader = values.dropFirst().makeIterator()
        let time = (0..<4).compactMap { _ in reader.next() }
        guard let algorithm = reader.next().flatMap(HMACHash.init(rawValue:)), algorithm != .sha512,
            let digits = reader.next(), Molto2StoredProfile.digitCounts.contains(digits),
            let period = reader.next(), Molto2StoredProfile.periods.contains(period)
        else { throw .wrongData }
        try change(number) { profile in
            (profile.algorithm, profile.digits, profile.period, profile.time) = (algorithm, digits, period, time)
        }
        clock = time
    }

    private mutating func change(
        _ number: Int, _ body: (inout Molto2StoredProfile) -> Void
    ) throws(StatusWord) {
        try keep { body(&$0.profiles[number, default: Molto2StoredProfile()]) }
    }

    private mutating func keep(_ body: (inout Molto2Memory) -> Void) throws(StatusWord) {
        var changed = memory
        body(&changed)
        do { try onMemoryWrite?(Molto2Content(changed)) } catch { throw .memoryFailure }
        memory = changed
    }

    static let profileCount = 100
    /// Seen on a device; what it means is unknown.
    private static let profileFlag: UInt8 = 0x20
    private static let longestTitle = 12
    private static let macLength = 4
    private static let paddingMark: UInt8 = 0x80

    /// The two bodies of a configuration; nil where a value stands.
    private enum Configuration {
        /// Screen, time, hash, digits, step.
        static let whole: [UInt8?] =
            [0x81, 0x14, 0x1F, 0x01, nil, 0x0F, 0x04, nil, nil, nil, nil, 0x86, 0x09, 0x0A, 0x01, nil]
            + [0x0B, 0x01, nil, 0x0D, 0x01, nil]
        static let time: [UInt8?] = [0x81, 0x06, 0x0F, 0x04, nil, nil, nil, nil]

        static func values(of body: [UInt8], in form: [UInt8?]) -> [UInt8]? {
            guard body.count == form.count, zip(body, form).allSatisfy({ $1 == nil || $0 == $1 }) else { return nil }
            return zip(body, form).filter { $1 == nil }.map(\.0)
        }
    }

    private enum Class {
        static let plain: UInt8 = 0x80
        static let secure: UInt8 = 0x84
    }

    private enum Instruction {
        static let read: UInt8 = 0x41
        static let getChallenge: UInt8 = 0x4B
        static let answerChallenge: UInt8 = 0xCE
        static let writeSeed: UInt8 = 0xC5
        static let configure: UInt8 = 0xD4
        static let writeTitle: UInt8 = 0xD5
        static let deleteSeed: UInt8 = 0xE6
    }

    private enum Tag {
        static let publicData: UInt8 = 0x95
        static let seedInfo: UInt8 = 0x70
    }
}

/// A command of the Molto2's own classes: header, and a body behind one length byte or none.
private struct Molto2APDU {
    let classByte: UInt8
    let instruction: UInt8
    let p1: UInt8
    /// P2
    let number: Int
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws(StatusWord) {
        guard bytes.count >= Self.headerLength else { throw .wrongLength }
        (classByte, instruction, p1, number) = (bytes[0], bytes[1], bytes[2], Int(bytes[3]))
        body = Array(bytes.dropFirst(Self.headerLength + 1))
        let length = bytes.count > Self.headerLength ? Int(bytes[Self.headerLength]) : 0
        guard length == body.count else { throw .wrongLength }
    }

    private static let headerLength = 4
}

extension StatusWord {
    fileprivate static let wrongMAC = StatusWord(rawValue: 0x6988)
    fileprivate static let recordNotFound = StatusWord(rawValue: 0x6A83)
}
