import ByteBuffers

/// Messages of CTAPHID cut into packets (FIDO CTAP 2.1, section 11.2.4). U2FHID is the same.
///
///     initialization packet              continuation packet
///     0  4  channel                      0  4   channel
///     4  1  80|command                   4  1   sequence number, 00 to 7F
///     5  2  length of the message        5  n   data, zeros behind its end
///     7  n  data, zeros behind its end
///
/// All numbers are big-endian. The sequence number starts at 0 with each message.
enum CTAPHIDPacket: Hashable {
    case initialization(channel: UInt32, CTAPHIDCommand, length: Int, data: ArraySlice<UInt8>)
    case continuation(channel: UInt32, sequence: UInt8, data: ArraySlice<UInt8>)

    static let initializationHeader = 7
    static let continuationHeader = 5
    private static let initializationFlag: UInt8 = 0x80
    private static let maxContinuations = 0x80

    /// What one message can hold in packets of that length: 7609 bytes in packets of 64.
    static func maxMessageLength(packetLength: Int) -> Int {
        min(
            max(packetLength - initializationHeader, 0)
                + maxContinuations * max(packetLength - continuationHeader, 0),
            Int(UInt16.max))
    }

    /// - Returns: nil where the packet is shorter than its header.
    init?(parsing bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let channel = try? reader.bigEndian32(), let kind = try? reader.uint8() else { return nil }
        guard kind & Self.initializationFlag != 0 else {
            self = .continuation(channel: channel, sequence: kind, data: reader.remainder())
            return
        }
        guard let length = try? reader.bigEndian16() else { return nil }
        self = .initialization(
            channel: channel, CTAPHIDCommand(rawValue: kind & ~Self.initializationFlag), length: Int(length),
            data: reader.remainder())
    }

    /// The packets of one message.
    ///
    /// - Returns: nil where it is longer than `maxMessageLength`.
    static func packets(
        channel: UInt32, _ command: CTAPHIDCommand, _ message: WipedBuffer, packetLength: Int
    ) -> [WipedBuffer]? {
        guard message.count <= maxMessageLength(packetLength: packetLength) else { return nil }
        let packet = WipedBuffer(capacity: packetLength)
        packet.append(bigEndian: channel)
        packet.append(initializationFlag | command.rawValue)
        packet.append(bigEndian: UInt16(truncatingIfNeeded: message.count))
        var sent = fill(packet, with: message, from: 0, packetLength)
        var packets = [packet]
        while sent < message.count {
            let packet = WipedBuffer(capacity: packetLength)
            packet.append(bigEndian: channel)
            packet.append(UInt8(truncatingIfNeeded: packets.count - 1))
            sent = fill(packet, with: message, from: sent, packetLength)
            packets.append(packet)
        }
        return packets
    }

    /// - Returns: how much of the message is in packets then.
    private static func fill(
        _ packet: WipedBuffer, with message: WipedBuffer, from start: Int, _ packetLength: Int
    ) -> Int {
        let end = min(start + packetLength - packet.count, message.count)
        message.withBytes { packet.append(contentsOf: $0.extracting(start..<end)) }
        packet.append(repeating: 0, count: packetLength - packet.count)
        return end
    }
}

/// Command of a CTAPHID message, without the flag (CTAP 2.1, section 11.2.9). Open: vendors have 0x40 to 0x7F.
public struct CTAPHIDCommand: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `CTAPHID_MSG`
    public static let message = CTAPHIDCommand(rawValue: 0x03)
    /// `CTAPHID_INIT`
    public static let initialize = CTAPHIDCommand(rawValue: 0x06)
    /// `CTAPHID_CANCEL`
    public static let cancel = CTAPHIDCommand(rawValue: 0x11)
    /// `CTAPHID_KEEPALIVE`
    public static let keepalive = CTAPHIDCommand(rawValue: 0x3B)
    /// `CTAPHID_ERROR`
    public static let error = CTAPHIDCommand(rawValue: 0x3F)
}

/// The byte of a CTAPHID_ERROR message (CTAP 2.1, section 11.2.9.1.6).
public struct CTAPHIDErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let invalidCommand = CTAPHIDErrorCode(rawValue: 0x01)
    public static let invalidParameter = CTAPHIDErrorCode(rawValue: 0x02)
    public static let invalidLength = CTAPHIDErrorCode(rawValue: 0x03)
    public static let invalidSequence = CTAPHIDErrorCode(rawValue: 0x04)
    public static let messageTimeout = CTAPHIDErrorCode(rawValue: 0x05)
    /// Another channel has a message under way.
    public static let channelBusy = CTAPHIDErrorCode(rawValue: 0x06)
    public static let lockRequired = CTAPHIDErrorCode(rawValue: 0x0A)
    public static let invalidChannel = CTAPHIDErrorCode(rawValue: 0x0B)
    public static let other = CTAPHIDErrorCode(rawValue: 0x7F)
}

/// The byte of a CTAPHID_KEEPALIVE message (CTAP 2.1, section 11.2.9.1.7).
public struct CTAPHIDKeepalive: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let processing = CTAPHIDKeepalive(rawValue: 1)
    /// The device waits for a touch.
    public static let userPresenceNeeded = CTAPHIDKeepalive(rawValue: 2)
}
