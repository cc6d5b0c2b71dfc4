import MockDevices
import Testing
import USBTransport

/// A host's hands for tests of the device side: CCID messages and APDUs put together here byte by byte, so that no
/// code of either side under test makes what the other reads.
struct VirtualBench {
    let key: VirtualKey
    let device: any USBDevice
    static let ccid: UInt8 = 2
    static let bulkOut: UInt8 = 0x02
    static let bulkIn: UInt8 = 0x82
    static let selectOATH: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x07, 0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01]
    static let selectManagement: [UInt8] = [
        0x00, 0xA4, 0x04, 0x00, 0x08, 0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17,
    ]
    static let ok: [UInt8] = [0x90, 0x00]
    static let rfcSecret = Array("12345678901234567890".utf8)

    /// A key of that model, opened, claimed, powered and with the OATH applet selected.
    init(_ model: String = "yubikey5", random: ScriptedRandom = ScriptedRandom()) throws {
        let model = try #require(VirtualModel.named(model))
        try self.init(VirtualKey(model: model, serial: 1, random: random))
    }

    init(_ key: VirtualKey) throws {
        self.key = key
        device = try key.open()
        try device.claimInterface(Self.ccid)
        try powerOn()
        _ = try transmit(Self.selectOATH)
    }

    func powerOn() throws { _ = try exchange(Self.message(0x62)) }

    /// - Returns: data and status word, time extensions and chunks passed over.
    func transmit(_ apdu: [UInt8]) throws -> [UInt8] {
        var answer = try exchange(Self.message(0x6F, data: apdu))
        while answer.count == 10, answer[7] & 0xC0 == 0x80 { answer = try receive() }
        return Array(answer.dropFirst(10))
    }

    /// One message out, one in.
    func exchange(_ message: [UInt8]) throws -> [UInt8] {
        try device.send(message, to: Self.bulkOut)
        return try receive()
    }

    func receive() throws -> [UInt8] {
        try device.read(upTo: 4096, from: Self.bulkIn, timeout: .seconds(3))
    }

    static func message(_ type: UInt8, sequence: UInt8 = 0, level: UInt16 = 0, data: [UInt8] = []) -> [UInt8] {
        let length = UInt32(data.count)
        let lengthBytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        return [type] + lengthBytes + [0, sequence, 0, UInt8(level & 0xFF), UInt8(level >> 8)] + data
    }

    /// A short command with data, or an extended one where the data asks for it.
    static func apdu(_ ins: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = []) -> [UInt8] {
        let length: [UInt8] =
            data.count < 256 ? [UInt8(data.count)] : [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)]
        return [0x00, ins, p1, p2] + length + data
    }

    static func tlv(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        let length: [UInt8] = value.count < 128 ? [UInt8(value.count)] : [0x81, UInt8(value.count)]
        return [tag] + length + value
    }

    static func put(
        _ name: String, type: UInt8 = 0x21, digits: UInt8 = 6, secret: [UInt8] = rfcSecret, extra: [UInt8] = []
    ) -> [UInt8] {
        apdu(0x01, tlv(0x71, Array(name.utf8)) + tlv(0x73, [type, digits] + secret) + extra)
    }

    static func calculate(_ name: String, counter: UInt8? = 1) -> [UInt8] {
        let challenge = counter.map { [UInt8](repeating: 0, count: 7) + [$0] } ?? []
        return apdu(0xA2, p2: 0x01, tlv(0x71, Array(name.utf8)) + tlv(0x74, challenge))
    }

    static func delete(_ name: String) -> [UInt8] { apdu(0x02, tlv(0x71, Array(name.utf8))) }
}

/// Gives out the numbers it was given, then counts on from 1.
struct ScriptedRandom: RandomNumberGenerator, Sendable {
    private var numbers: [UInt64]
    private var count: UInt64 = 0

    init(_ numbers: [UInt64] = []) { self.numbers = numbers }

    mutating func next() -> UInt64 {
        guard numbers.isEmpty else { return numbers.removeFirst() }
        count += 1
        return count
    }
}

/// A card that says what it was told to say.
struct ScriptedCard: SmartCard {
    var answer = CardAnswer.bytes([0x90, 0x00])
    var completion: [UInt8] = [0x90, 0x00]
    var received: [[UInt8]] = []

    mutating func powerOn() {}
    mutating func powerOff() {}

    mutating func transmit(_ command: [UInt8]) -> CardAnswer {
        received.append(command)
        return answer
    }

    mutating func complete() -> [UInt8] { completion }
}

extension USBDevice {
    func send(_ bytes: [UInt8], to endpoint: UInt8, timeout: Duration = .seconds(1)) throws(USBError) {
        try write(bytes.span.bytes, to: endpoint, timeout: timeout)
    }

    func request(
        _ type: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0, data: [UInt8] = []
    ) throws(USBError) -> [UInt8] {
        let setup = ControlSetup(
            requestType: type, request: request, value: value, index: index,
            length: data.isEmpty ? length : UInt16(data.count))
        return try control(setup, data: data.span.bytes, timeout: .seconds(1))
    }
}

/// The code of the error that `body` throws; nil where it throws none.
func usbCode(_ body: () throws(USBError) -> Void) -> USBError.Code? {
    do throws(USBError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}
