public import ByteBuffers

/// A channel of a FIDO authenticator's HID interface: whole messages out and in (FIDO CTAP 2.1, section 11.2).
///
///     host      INIT on the broadcast channel FFFFFFFF: nonce of 8 bytes
///     device    INIT on the same channel:
///               0  8  nonce, as it came            12 1  version of the protocol
///               8  4  channel                      13 3  version of the device
///                                                  16 1  capabilities
///     host      command on the channel
///     device    KEEPALIVE, as often as it likes · answer under the same command · or ERROR
///
/// Packets of other channels, and those that are left of messages that an ended program began, are passed over.
public final class CTAPHIDConnection {
    /// FIDO Alliance, one authenticator (CTAP 2.1, section 11.2.8.2).
    public static let usage = HIDUsage(page: 0xF1D0, id: 0x01)
    public static let packetLength = 64
    public static let nonceLength = 8

    /// What INIT told of the device.
    public struct Device: Hashable, Sendable {
        public let protocolVersion: UInt8
        /// Major, minor and build, as the maker numbers them.
        public let version: [UInt8]
        /// Bits (CTAP 2.1, section 11.2.9.1.3).
        public let capabilities: UInt8
    }

    public let device: Device
    /// Hears what the device says while it works, e.g. that it waits for a touch.
    public var onKeepalive: ((CTAPHIDKeepalive) -> Void)?

    private let packets: any PacketConnection
    private let limits: CTAPHIDLimits
    private let channel: UInt32

    /// Has the device give out a channel. The packet connection is closed when this throws.
    ///
    /// - Parameter nonce: 8 random bytes, by which the answer is known for ours.
    public init(
        _ packets: any PacketConnection, nonce: [UInt8], limits: CTAPHIDLimits = CTAPHIDLimits()
    ) throws(ConnectionError) {
        self.packets = packets
        self.limits = limits
        do throws(ConnectionError) {
            let exchange = CTAPHIDExchange(packets, channel: Self.broadcast, limits)
            var answer = try exchange.run(.initialize, WipedBuffer(nonce)) { $0.starts(with: nonce) }[...]
            answer = answer.dropFirst(nonce.count)
            var reader = ByteReader(answer)
            guard let channel = try? reader.bigEndian32(), let protocolVersion = try? reader.uint8(),
                let version = try? reader.bytes(Self.versionLength), let capabilities = try? reader.uint8()
            else { throw .malformed(.truncated) }
            self.channel = channel
            device = Device(protocolVersion: protocolVersion, version: Array(version), capabilities: capabilities)
        } catch {
            packets.close()
            throw error
        }
    }

    deinit { close() }

    /// Sends a message and waits for the answer to it.
    ///
    /// - Throws: `.refusedMessage` for an error message, `.commandTooLong` for a message of more than 7609 bytes,
    ///   `.tooManyTimeExtensions` where the device went on working for longer than the limits give it.
    public func transmit(
        _ command: CTAPHIDCommand, _ message: WipedBuffer
    ) throws(ConnectionError) -> [UInt8] {
        try CTAPHIDExchange(packets, channel: channel, limits, onKeepalive: onKeepalive).run(command, message)
    }

    public func close() { packets.close() }

    private static let broadcast: UInt32 = 0xFFFF_FFFF
    private static let versionLength = 3
}

/// How long, and how often, a CTAPHID connection waits.
public struct CTAPHIDLimits: Hashable, Sendable {
    /// For the next packet. Devices that work for longer send keepalives, every 100 ms as the standard asks.
    public var packetTimeout: Duration = .seconds(3)
    /// Keepalives for one message: at one in 100 ms, twice the 30 s that the longest wait for a touch takes.
    public var keepalives = 600
    /// Packets passed over for one message: a whole message of another channel is 129.
    public var strayPackets = 260
    /// Another program's message is under way: how often to try again, and after how long.
    public var busyRetries = 20
    public var busyPause: Duration = .milliseconds(100)

    public init() {}
}
