import ByteBuffers
import TestSupport
import Testing

@testable import USBTransport

/// A FIDO interface from the claim of it to whole messages, against packets that are written down.
@Suite struct CTAPHIDTests {
    private static let nonce: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    private static let channel = "11223344"
    private static let vendor = CTAPHIDCommand(rawValue: 0x70)

    // MARK: Packets of the interface

    @Test func `the interface with the usage and the reports is claimed, and packets cross it`() throws {
        let device = ScriptedDevice(claiming + [.out(packet("01")), .in(packet("02"))])
        let connection = try HIDPacketConnection(
            device: device, configuration: try configuration(), usage: CTAPHIDConnection.usage, packetLength: 64)
        try connection.send(WipedBuffer(packet("01")))
        #expect(try connection.receive(timeout: .seconds(2)) == packet("02"))
        #expect(device.claimed == [0])
        #expect(device.timeouts == [.seconds(2)])
        connection.close()
        #expect(device.isClosed && device.isFinished)
    }

    @Test func `a packet of another length is malformed`() throws {
        for bytes in [[], [UInt8](repeating: 0, count: 63)] {
            let connection = try HIDPacketConnection(
                device: ScriptedDevice(claiming + [.in(bytes)]), configuration: try configuration(),
                usage: CTAPHIDConnection.usage, packetLength: 64)
            #expect(throws: ConnectionError.malformed(.truncated)) {
                try connection.receive(timeout: .seconds(1))
            }
        }
    }

    @Test func `an interface with another usage, other lengths or without an endpoint is not taken`() throws {
        for (usage, length) in [(HIDUsage.keyboard, 64), (CTAPHIDConnection.usage, 32)] {
            let device = ScriptedDevice(claiming)
            #expect(throws: ConnectionError.noSuitableInterface) {
                try HIDPacketConnection(
                    device: device, configuration: configuration(), usage: usage, packetLength: length)
            }
            #expect(device.isClosed)
        }
        let device = ScriptedDevice([])
        #expect(throws: ConnectionError.noSuitableInterface) {
            try HIDPacketConnection(
                device: device, configuration: configuration(endpoints: "070581034000 05"),
                usage: CTAPHIDConnection.usage, packetLength: 64)
        }
        #expect(device.isClosed && device.claimed.isEmpty)
    }

    @Test func `a failing transfer is a failing connection`() throws {
        let device = ScriptedDevice(claiming + [.failure(.timeout)])
        let connection = try HIDPacketConnection(
            device: device, configuration: try configuration(), usage: CTAPHIDConnection.usage, packetLength: 64)
        #expect(throws: ConnectionError.usb(USBError(.timeout, during: .read(endpoint: 0x81)))) {
            try connection.receive(timeout: .seconds(1))
        }
    }

    // MARK: Channels

    @Test func `INIT gives a channel and tells the device`() throws {
        let (connection, script) = try open()
        #expect(
            connection.device
                == CTAPHIDConnection.Device(protocolVersion: 2, version: [4, 14, 0], capabilities: 5))
        #expect(script.sent.map(hex) == [hex(packet("ffffffff8600080102030405060708"))])
        connection.close()
        #expect(script.isClosed)
    }

    @Test func `an answer to somebody else's INIT is passed over`() throws {
        let others = packet("ffffffff860011ffffffffffffffff5566778802040e0005")
        let (_, script) = try open(before: [others, packet("1122334400ffff"), packet("99999999f00001aa")])
        #expect(script.received.isEmpty)
    }

    @Test func `an INIT answer that is cut off closes the connection`() {
        let script = ScriptedPackets([packet("ffffffff86000c010203040506070811223344")])
        #expect(throws: ConnectionError.malformed(.truncated)) {
            try CTAPHIDConnection(script, nonce: Self.nonce)
        }
        #expect(script.isClosed)
    }

    // MARK: Messages

    @Test(arguments: [0, 1, 56, 57, 58, 115, 116, 117, 1000, 7609])
    func `messages of all lengths go out and come back whole`(_ length: Int) throws {
        let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        let (connection, script) = try open()
        let parts = packets(message)
        script.received = parts
        #expect(try connection.transmit(Self.vendor, WipedBuffer(message)) == message)
        #expect(Array(script.sent.dropFirst()) == parts)
        #expect(script.received.isEmpty)
    }

    @Test func `a message that is too long is refused before a packet`() throws {
        let (connection, script) = try open()
        let long = WipedBuffer([UInt8](repeating: 1, count: 7610))
        #expect(throws: ConnectionError.commandTooLong(7610)) { try connection.transmit(Self.vendor, long) }
        #expect(script.sent.count == 1)
    }

    @Test func `keepalives are heard and waited out`() throws {
        let (connection, script) = try open()
        let alive = ["11223344bb000101", "11223344bb000102", "11223344bb000102"].map(packet)
        script.received = alive + [packet("11223344f000029000")]
        var heard: [CTAPHIDKeepalive] = []
        connection.onKeepalive = { heard.append($0) }
        #expect(try connection.transmit(Self.vendor, WipedBuffer([1])) == [0x90, 0x00])
        #expect(heard == [.processing, .userPresenceNeeded, .userPresenceNeeded])
    }

    @Test func `a device that works for ever is given up`() throws {
        var limits = CTAPHIDLimits()
        limits.keepalives = 3
        let (connection, script) = try open(limits: limits)
        script.received = Array(repeating: packet("11223344bb000101"), count: 4)
        #expect(throws: ConnectionError.tooManyTimeExtensions) {
            try connection.transmit(Self.vendor, WipedBuffer([1]))
        }
    }

    @Test func `a busy device is asked again, and not for ever`() throws {
        let busy = packet("11223344bf000106")
        let (connection, script) = try open()
        script.received = [busy, busy, packet("11223344f000029000")]
        #expect(try connection.transmit(Self.vendor, WipedBuffer([1])) == [0x90, 0x00])
        #expect(script.sent.count == 4)
        #expect(script.paused == .milliseconds(200))

        script.received = Array(repeating: busy, count: 30)
        #expect(throws: ConnectionError.refusedMessage(.channelBusy, Self.vendor)) {
            try connection.transmit(Self.vendor, WipedBuffer([1]))
        }
    }

    @Test(arguments: [0x01, 0x03, 0x04, 0x05, 0x0B, 0x7F] as [UInt8])
    func `an error message is an error`(_ code: UInt8) throws {
        let (connection, script) = try open()
        script.received = [packet("11223344bf0001" + hex([code]))]
        #expect(throws: ConnectionError.refusedMessage(CTAPHIDErrorCode(rawValue: code), Self.vendor)) {
            try connection.transmit(Self.vendor, WipedBuffer([1]))
        }
    }

    @Test func `packets out of order are malformed`() throws {
        let message = [UInt8](repeating: 7, count: 200)
        let parts = packets(message)
        let wrong: [([[UInt8]], ConnectionError)] = [
            ([parts[0], parts[2], parts[1]], .malformed(.unexpectedSequence(1))),
            ([parts[0], parts[1], parts[1]], .malformed(.unexpectedSequence(0))),
            ([parts[0], parts[1], parts[0]], .malformed(.unexpectedCommand(Self.vendor))),
            ([packet("11223344900000")], .malformed(.unexpectedCommand(CTAPHIDCommand(rawValue: 0x10)))),
            ([packet("11223344f0ffff")], .malformed(.tooLong(0xFFFF))),
        ]
        for (received, error) in wrong {
            let (connection, script) = try open()
            script.received = received
            #expect(throws: error) { try connection.transmit(Self.vendor, WipedBuffer([1])) }
        }
    }

    @Test func `packets of another channel between ours change nothing`() throws {
        let message = [UInt8](repeating: 7, count: 150)
        let (connection, script) = try open()
        script.received = packets(message).flatMap { [packet("55667788f0000101"), $0, packet("5566778800aa")] }
        #expect(try connection.transmit(Self.vendor, WipedBuffer([1])) == message)
    }

    @Test func `strangers' packets without end are given up`() throws {
        for stranger in ["55667788f0000101", "1122334405"] {
            let (connection, script) = try open()
            script.received = Array(repeating: packet(stranger), count: 400)
            #expect(throws: ConnectionError.tooManyStaleMessages) {
                try connection.transmit(Self.vendor, WipedBuffer([1]))
            }
        }
    }

    /// Each packet of an answer cut at each length and changed at random ends in our error or in a message.
    @Test func `damaged packets end in an error or a message`() throws {
        var generator = SeededGenerator(seed: 11)
        let parts = packets([UInt8](repeating: 9, count: 130))
        for index in parts.indices {
            let damaged =
                parts[index].indices.map { Array(parts[index].prefix($0)) }
                + (0..<200).map { _ in mutated(parts[index], using: &generator) }
            for packet in damaged {
                let (connection, script) = try open()
                script.received = parts
                script.received[index] = packet
                _ = try? connection.transmit(Self.vendor, WipedBuffer([1]))
            }
        }
        for _ in 0..<200 {
            let script = ScriptedPackets([mutated(Self.initAnswer, using: &generator)])
            _ = try? CTAPHIDConnection(script, nonce: Self.nonce)
        }
    }

    // MARK: Parts

    private static var initAnswer: [UInt8] { packet("ffffffff86001101020304050607081122334402040e0005") }

    private func open(
        before: [[UInt8]] = [], limits: CTAPHIDLimits = CTAPHIDLimits()
    ) throws -> (CTAPHIDConnection, ScriptedPackets) {
        let script = ScriptedPackets(before + [Self.initAnswer])
        return (try CTAPHIDConnection(script, nonce: Self.nonce, limits: limits), script)
    }

    /// A message on the channel, cut by hand.
    private func packets(_ message: [UInt8]) -> [[UInt8]] {
        let count = message.count
        let head = (bytes(hex: Self.channel) ?? []) + [0xF0, UInt8(count >> 8), UInt8(count & 0xFF)]
        var packets = [padded(head + message.prefix(57))]
        var rest = message.dropFirst(57)
        while !rest.isEmpty {
            packets.append(
                padded((bytes(hex: Self.channel) ?? []) + [UInt8(packets.count - 1)] + rest.prefix(59)))
            rest = rest.dropFirst(59)
        }
        return packets
    }

    private var claiming: [ScriptedDevice.Step] {
        let setup = ControlSetup(requestType: 0x81, request: 6, value: 0x2200, index: 0, length: 34)
        return [.controlIn(setup, bytes(hex: report) ?? [])]
    }

    private let report = "06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0"

    private func configuration(endpoints: String = "07050103400005 07058103400005") throws -> ConfigurationDescriptor {
        let endpointBytes = try #require(bytes(hex: endpoints.replacing(" ", with: "")))
        let count = UInt8(endpointBytes.count / 7)
        let set = [9, 4, 0, 0, count, 3, 0, 0, 0] + [9, 0x21, 0x11, 1, 0, 1, 0x22, 34, 0] + endpointBytes
        return try ConfigurationDescriptor(parsing: [9, 2, UInt8(set.count + 9), 0, 1, 1, 0, 0x80, 50] + set)
    }
}

private func packet(_ digits: String) -> [UInt8] { padded(bytes(hex: digits) ?? []) }

private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: max(0, 64 - bytes.count)) }

/// Packets that come whatever is sent.
private final class ScriptedPackets: PacketConnection {
    let packetLength = 64
    var received: [[UInt8]]
    private(set) var sent: [[UInt8]] = []
    private(set) var paused = Duration.zero
    private(set) var isClosed = false

    init(_ received: [[UInt8]]) { self.received = received }

    func send(_ packet: WipedBuffer) { sent.append(packet.withBytes { [UInt8](copying: $0) }) }

    func receive(timeout: Duration) throws(ConnectionError) -> [UInt8] {
        guard !received.isEmpty else { throw .usb(USBError(.timeout, during: .read(endpoint: 0x81))) }
        return received.removeFirst()
    }

    func pause(for duration: Duration) { paused += duration }
    func close() { isClosed = true }
}
