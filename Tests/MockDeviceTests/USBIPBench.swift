import MockDevices
import Testing

/// A USB/IP client's hands: messages put together and taken apart here byte by byte, from the kernel's documentation,
/// so that no codec under test makes what the other side reads.
final class USBIPBench {
    var server: USBIPServer
    let keys: [VirtualKey]
    private var sequence: UInt32 = 0
    /// `devid` of the last import.
    private(set) var deviceID: UInt32 = 0

    static let pipe: Int32 = -32
    static let connectionReset: Int32 = -104
    static let shutDown: Int32 = -108

    init(_ models: [String] = ["yubikey5"]) throws {
        keys = try models.map { name in
            VirtualKey(model: try #require(VirtualModel.named(name)), serial: 1, random: ScriptedRandom())
        }
        server = USBIPServer(keys.enumerated().map { ("key\($0 + 1)", $1.port) })
    }

    init(port: any DevicePort) {
        keys = []
        server = USBIPServer([("reader", port)])
    }

    var key: VirtualKey { keys[0] }

    // MARK: Bytes

    static func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - $0 * 8)) } }

    static func number(_ bytes: some Collection<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    static func field(_ text: String, _ length: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
    }

    static let requestList: [UInt8] = [0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0]

    static func requestImport(_ busID: String) -> [UInt8] {
        [0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0] + field(busID, 32)
    }

    struct Submit {
        var sequence: UInt32 = 1
        var device: UInt32 = 0x0001_0002
        var isIn = true
        var endpoint: UInt32 = 0
        var flags: UInt32 = 0
        var length: UInt32 = 0
        var packets: UInt32 = 0xFFFF_FFFF
        var setup = [UInt8](repeating: 0, count: 8)
        var data: [UInt8] = []

        var bytes: [UInt8] {
            [1, sequence, device, isIn ? 1 : 0, endpoint, flags, length, 0, packets, 0].flatMap(USBIPBench.big)
                + setup + data
        }
    }

    static func unlink(_ target: UInt32, sequence: UInt32, device: UInt32 = 0x0001_0002) -> [UInt8] {
        [2, sequence, device, 0, 0, target].flatMap(big) + [UInt8](repeating: 0, count: 24)
    }

    // MARK: Talking

    func connect() throws -> Int {
        let client = server.connect()
        return try #require(client)
    }

    /// All that the server has to say to the client now.
    func take(_ client: Int) -> [UInt8] {
        let output = server.output(for: client)
        server.removeOutput(output.count, for: client)
        return output
    }

    func exchange(_ client: Int, _ bytes: [UInt8]) -> [UInt8] {
        server.receive(bytes, from: client)
        return take(client)
    }

    /// A client that has the key of that bus id.
    func importing(_ busID: String = "1-1") throws -> Int {
        let client = try connect()
        let reply = exchange(client, Self.requestImport(busID))
        try #require(reply.count == 8 + 312)
        deviceID = Self.number(reply[296..<300]) << 16 | Self.number(reply[300..<304])
        return client
    }

    func nextSequence() -> UInt32 {
        sequence += 1
        return sequence
    }

    struct Reply: Equatable {
        let sequence: UInt32
        let status: Int32
        let data: [UInt8]
    }

    /// Sends an IN transfer; nothing is answered while the key has nothing.
    func read(
        _ client: Int, _ endpoint: UInt32, _ length: UInt32 = 4096, device: UInt32 = 0x0001_0002
    ) throws -> Reply? {
        let submit = Submit(
            sequence: nextSequence(), device: device, endpoint: endpoint, length: length)
        return try Self.reply(exchange(client, submit.bytes), isIn: true)
    }

    func write(
        _ client: Int, _ endpoint: UInt32, _ data: [UInt8], device: UInt32 = 0x0001_0002
    ) throws -> Reply? {
        let submit = Submit(
            sequence: nextSequence(), device: device, isIn: false, endpoint: endpoint, length: UInt32(data.count),
            data: data)
        return try Self.reply(exchange(client, submit.bytes), isIn: false, length: data.count)
    }

    func control(_ client: Int, _ setup: [UInt8], data: [UInt8] = []) throws -> Reply? {
        let isIn = setup[0] & 0x80 != 0
        let length = isIn ? UInt32(setup[6]) | UInt32(setup[7]) << 8 : UInt32(data.count)
        let submit = Submit(
            sequence: nextSequence(), isIn: isIn, length: length, setup: setup, data: data)
        return try Self.reply(exchange(client, submit.bytes), isIn: isIn)
    }

    /// One RET_SUBMIT, all of its fields looked at.
    static func reply(_ bytes: [UInt8], isIn: Bool, length: Int? = nil) throws -> Reply? {
        if bytes.isEmpty { return nil }
        let replies = try Self.replies(bytes) { _ in isIn }
        #expect(replies.count == 1)
        let reply = try #require(replies.first)
        if let length, reply.status == 0 { #expect(number(bytes[24..<28]) == length) }
        return reply
    }

    /// Answers of both kinds, in their order.
    static func replies(_ bytes: [UInt8], isIn: (UInt32) -> Bool) throws -> [Reply] {
        var (rest, replies) = (bytes[...], [Reply]())
        while !rest.isEmpty {
            let head = Array(rest.prefix(48))
            try #require(head.count == 48)
            let (command, sequence) = (number(head[0..<4]), number(head[4..<8]))
            #expect(command == 3 || command == 4)
            #expect(head[8..<20].allSatisfy { $0 == 0 })
            let length = command == 3 && isIn(sequence) ? Int(number(head[24..<28])) : 0
            rest = rest.dropFirst(48)
            replies.append(
                Reply(
                    sequence: sequence, status: Int32(bitPattern: number(head[20..<24])),
                    data: Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        return replies
    }

    /// One CCID message out; the answer is to be read.
    func sendCommand(_ client: Int, _ type: UInt8, _ data: [UInt8] = []) throws {
        let message = VirtualBench.message(type, data: data)
        #expect(try write(client, 2, message)?.status == 0)
    }

    /// Data and status word of an APDU that is answered at once.
    func transmit(_ client: Int, _ apdu: [UInt8]) throws -> [UInt8] {
        try sendCommand(client, 0x6F, apdu)
        let reply = try #require(try read(client, 2))
        #expect(reply.status == 0)
        return Array(reply.data.dropFirst(10))
    }
}
