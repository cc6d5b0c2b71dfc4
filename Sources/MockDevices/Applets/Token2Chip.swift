/// The chip of a Token2 PIN+ as a card: it selects the application for one-time passwords, which is all that is on it here, and
/// cuts long answers for hosts that sent a short command (ISO/IEC 7816-4, section 11.7.1).
struct Token2Chip: KeyChip {
    private(set) var memory: Token2Memory
    var touch = TouchPolicy.after(.seconds(1))
    var touchCount: Int { 0 }
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)?

    private let fresh: Token2Applet
    private var applet: Token2Applet
    private var isSelected = false
    /// What is left of an answer.
    private var rest: ArraySlice<UInt8> = []
    private var random: any RandomNumberGenerator & Sendable

    init(
        serial: UInt32, hasPIN: Bool, memory: Token2Memory?, random: any RandomNumberGenerator & Sendable
    ) {
        self.random = random
        fresh = Token2Applet(serial: Array(String(serial).utf8), hasPIN: hasPIN)
        applet = fresh
        self.memory = memory ?? Token2Memory(privateKey: Self.draw(&self.random))
    }

    var content: any KeyContent { Token2Content(memory) }

    mutating func powerOn() { (applet, isSelected, rest) = (fresh, false, []) }
    mutating func powerOff() { powerOn() }
    mutating func complete() -> [UInt8] { StatusWord.internalError.bytes }

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        do throws(StatusWord) {
            return .bytes(try answer(command))
        } catch {
            return .bytes(error.bytes)
        }
    }

    private mutating func answer(_ bytes: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let first = bytes.first else { throw .wrongLength }
        // The parser knows the classes of ISO 7816-4; behind its own class the application's commands are of the same form.
        let isProprietary = first == Self.proprietaryClass
        let command = try CommandAPDU(parsing: isProprietary ? [0] + bytes.dropFirst() : bytes)
        guard !command.isChained else { throw .classNotSupported }
        if !isProprietary, command.instruction == Self.getResponse { return nextBlock() }
        rest = []
        guard isProprietary else {
            try select(command)
            return StatusWord.success.bytes
        }
        guard isSelected else { throw .instructionNotSupported }
        rest = try run(command)[...]
        return command.isExtended ? takeRest() : nextBlock()
    }

    private mutating func select(_ command: CommandAPDU) throws(StatusWord) {
        guard command.instruction == Self.select, command.p1p2 == Self.byName else { throw .instructionNotSupported }
        guard command.data == Token2Applet.identifier else { throw .applicationNotFound }
        (applet, isSelected) = (fresh, true)
    }

    /// A change is kept before the host hears of it. A refused command changes nothing, but a wrong PIN costs a try.
    private mutating func run(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        var changed = memory
        let outcome: Result<[UInt8], StatusWord>
        do throws(StatusWord) {
            outcome = .success(try applet.process(command, &changed) { Self.draw(&random) })
        } catch {
            outcome = .failure(error)
            if !error.isWrongPIN { changed = memory }
        }
        if changed != memory {
            do { try onMemoryWrite?(Token2Content(changed)) } catch { throw .memoryFailure }
            memory = changed
        }
        return try outcome.get()
    }

    private mutating func nextBlock() -> [UInt8] {
        let block = rest.prefix(Self.blockLength)
        rest = rest.dropFirst(Self.blockLength)
        return block + (rest.isEmpty ? StatusWord.success : .moreData(rest.count)).bytes
    }

    private mutating func takeRest() -> [UInt8] {
        defer { rest = [] }
        return rest + StatusWord.success.bytes
    }

    /// 32 bytes. As a private key one in 2^32 would be none of the curve's.
    private static func draw(_ random: inout any RandomNumberGenerator & Sendable) -> [UInt8] {
        (0..<4).flatMap { _ in bigEndianBytes(random.next() as UInt64) }
    }

    private static let proprietaryClass: UInt8 = 0x80
    private static let select: UInt8 = 0xA4
    private static let byName: UInt16 = 0x0400
    private static let getResponse: UInt8 = 0xC0
    private static let blockLength = 256
}
