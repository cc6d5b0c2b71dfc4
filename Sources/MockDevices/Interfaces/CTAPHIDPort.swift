import ByteBuffers

/// The device's side of CTAPHID (FIDO CTAP 2.1, section 11.2): packets in, whole messages to the chip, packets out. The
/// layout of packets and of the answer to INIT is drawn at `CTAPHIDPacket` and `CTAPHIDConnection` in USBTransport; this
/// is written from the standard.
///
/// One message at a time: who comes with another channel meanwhile is told "channel busy".
struct CTAPHIDPort: Hashable, Sendable {
    static let packetLength = 64

    /// What a host asked for on a channel.
    struct Message: Hashable, Sendable {
        let channel: UInt32
        /// Without the flag.
        let command: UInt8
        let bytes: [UInt8]
    }

    /// Byte 1 is of the protocol, three are of the device.
    let version: [UInt8]
    let capabilities: UInt8
    /// Of messages, in bytes.
    let longestMessage: Int
    /// The channel that was given out last; they count from 1.
    var lastChannel: UInt32 = 0

    private var outgoing: [[UInt8]] = []
    private var arriving: Arriving?
    private var waiting: Waiting?

    private struct Arriving: Hashable {
        let channel: UInt32
        let command: UInt8
        let length: Int
        var bytes: [UInt8]
        var sequence: UInt8 = 0
        var lastPacket: Duration
    }

    /// A message that the chip has not answered yet.
    private struct Waiting: Hashable {
        let message: Message
        let due: Duration
        var nextKeepalive: Duration
    }

    init(deviceVersion: [UInt8], capabilities: UInt8, longestMessage: Int) {
        version = [Code.protocolVersion] + deviceVersion
        (self.capabilities, self.longestMessage) = (capabilities, longestMessage)
    }

    // MARK: From the host

    /// - Returns: a message for the chip when this packet makes one whole.
    mutating func take(_ packet: [UInt8], at now: Duration) -> Message? {
        var reader = ByteReader(packet)
        guard packet.count == Self.packetLength, let channel = try? reader.bigEndian32(),
            let kind = try? reader.uint8()
        else { return nil }
        if let begun = arriving, now > begun.lastPacket + Self.messageTime { arriving = nil }
        guard kind & Code.initializationFlag != 0 else { return take(reader.remainder(), kind, channel, at: now) }
        let command = kind & ~Code.initializationFlag
        guard let length = try? reader.bigEndian16() else { return nil }
        if let begun = arriving {
            guard begun.channel == channel else { return refuse(Code.channelBusy, channel) }
            // INIT gives up the message that the channel has begun; any other command there is out of order.
            arriving = nil
            guard command == Code.initialize else { return refuse(Code.invalidSequence, channel) }
        }
        guard waiting == nil else { return refuse(Code.channelBusy, channel) }
        guard channel == Code.broadcast ? command == Code.initialize : (1...max(lastChannel, 1)).contains(channel)
        else { return refuse(Code.invalidChannel, channel) }
        guard Int(length) <= longestMessage else { return refuse(Code.invalidLength, channel) }
        arriving = Arriving(
            channel: channel, command: command, length: Int(length), bytes: Array(reader.remainder()), lastPacket: now)
        return finished()
    }

    private mutating func take(
        _ data: ArraySlice<UInt8>, _ sequence: UInt8, _ channel: UInt32, at now: Duration
    ) -> Message? {
        // Without a message that it continues, a packet is nothing (section 11.2.5.4).
        guard var begun = arriving, begun.channel == channel else { return nil }
        guard begun.sequence == sequence else {
            arriving = nil
            return refuse(Code.invalidSequence, channel)
        }
        begun.bytes += data
        begun.sequence &+= 1
        begun.lastPacket = now
        arriving = begun
        return finished()
    }

    private mutating func finished() -> Message? {
        guard let begun = arriving, begun.bytes.count >= begun.length else { return nil }
        arriving = nil
        let message = Message(
            channel: begun.channel, command: begun.command, bytes: Array(begun.bytes.prefix(begun.length)))
        guard message.command == Code.initialize else { return message }
        guard message.bytes.count == Code.nonceLength else { return refuse(Code.invalidLength, message.channel) }
        var channel = message.channel
        if channel == Code.broadcast {
            lastChannel &+= 1
            channel = lastChannel
        }
        send(Code.initialize, message.bytes + bigEndianBytes(channel) + version + [capabilities], message.channel)
        return nil
    }

    private mutating func refuse(_ error: UInt8, _ channel: UInt32) -> Message? {
        send(Code.error, [error], channel)
        return nil
    }

    // MARK: From the chip

    mutating func answer(_ message: Message, _ bytes: [UInt8]) { send(message.command, bytes, message.channel) }

    mutating func refuse(_ message: Message) { send(Code.error, [Code.invalidCommand], message.channel) }

    /// The answer takes a touch: until then the host is told that one is waited for.
    mutating func wait(_ message: Message, until due: Duration, at now: Duration) {
        waiting = Waiting(message: message, due: due, nextKeepalive: now)
    }

    /// The message whose time to be answered has come.
    mutating func nextDue(at now: Duration) -> Message? {
        guard let due = waiting, due.due <= now else { return nil }
        waiting = nil
        return due.message
    }

    mutating func nextPacket(at now: Duration) -> [UInt8]? {
        if outgoing.isEmpty, var due = waiting, due.nextKeepalive <= now {
            send(Code.keepalive, [Code.userPresenceNeeded], due.message.channel)
            due.nextKeepalive = now + Self.keepalivePeriod
            waiting = due
        }
        return outgoing.isEmpty ? nil : outgoing.removeFirst()
    }

    var nextTime: Duration? { waiting.map { min($0.due, $0.nextKeepalive) } }

    private mutating func send(_ command: UInt8, _ bytes: [UInt8], _ channel: UInt32) {
        let address = bigEndianBytes(channel)
        let length = bigEndianBytes(UInt16(truncatingIfNeeded: bytes.count))
        let head = address + [Code.initializationFlag | command] + length
        outgoing.append(Self.padded(head + bytes.prefix(Self.packetLength - head.count)))
        var rest = bytes.dropFirst(Self.packetLength - head.count)
        var sequence: UInt8 = 0
        while !rest.isEmpty {
            let head = address + [sequence]
            outgoing.append(Self.padded(head + rest.prefix(Self.packetLength - head.count)))
            rest = rest.dropFirst(Self.packetLength - head.count)
            sequence &+= 1
        }
    }

    private static func padded(_ packet: [UInt8]) -> [UInt8] {
        packet + [UInt8](repeating: 0, count: max(0, packetLength - packet.count))
    }

    /// How long a host may take between two packets of a message (section 11.2.5.2: at least 500 ms).
    private static let messageTime: Duration = .milliseconds(500)
    /// The standard asks for one in 100 ms.
    private static let keepalivePeriod: Duration = .milliseconds(100)

    private enum Code {
        static let initializationFlag: UInt8 = 0x80
        static let broadcast: UInt32 = 0xFFFF_FFFF
        static let nonceLength = 8
        static let protocolVersion: UInt8 = 2
        static let initialize: UInt8 = 0x06
        static let keepalive: UInt8 = 0x3B
        static let error: UInt8 = 0x3F
        static let userPresenceNeeded: UInt8 = 2
        static let invalidCommand: UInt8 = 0x01
        static let invalidLength: UInt8 = 0x03
        static let invalidSequence: UInt8 = 0x04
        static let channelBusy: UInt8 = 0x06
        static let invalidChannel: UInt8 = 0x0B
    }
}
