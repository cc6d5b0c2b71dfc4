import ByteBuffers

/// One message to a channel and the answer to it, packet by packet.
struct CTAPHIDExchange {
    private let packets: any PacketConnection
    private let channel: UInt32
    private let limits: CTAPHIDLimits
    private let onKeepalive: ((CTAPHIDKeepalive) -> Void)?

    init(
        _ packets: any PacketConnection, channel: UInt32, _ limits: CTAPHIDLimits,
        onKeepalive: ((CTAPHIDKeepalive) -> Void)? = nil
    ) {
        (self.packets, self.channel, self.limits) = (packets, channel, limits)
        self.onKeepalive = onKeepalive
    }

    /// - Parameter isOurs: tells the answer from those to others on the broadcast channel.
    func run(
        _ command: CTAPHIDCommand, _ message: WipedBuffer, isOurs: ([UInt8]) -> Bool = { _ in true }
    ) throws(ConnectionError) -> [UInt8] {
        let length = packets.packetLength
        guard let parts = CTAPHIDPacket.packets(channel: channel, command, message, packetLength: length) else {
            throw .commandTooLong(message.count)
        }
        var busyRetries = 0
        while true {
            for packet in parts { try packets.send(packet) }
            do throws(ConnectionError) {
                return try answer(to: command, isOurs)
            } catch {
                // A busy device has dropped the message.
                guard case .refusedMessage(.channelBusy, _) = error, busyRetries < limits.busyRetries else {
                    throw error
                }
                busyRetries += 1
                packets.pause(for: limits.busyPause)
            }
        }
    }

    private func answer(
        to command: CTAPHIDCommand, _ isOurs: ([UInt8]) -> Bool
    ) throws(ConnectionError) -> [UInt8] {
        var (keepalives, strays) = (0, 0)
        while true {
            guard case .initialization(channel, let kind, let length, let data)? = try nextPacket() else {
                strays += 1
                guard strays <= limits.strayPackets else { throw .tooManyStaleMessages }
                continue
            }
            switch kind {
            case .keepalive:
                keepalives += 1
                guard keepalives <= limits.keepalives else { throw .tooManyTimeExtensions }
                if let status = data.first { onKeepalive?(CTAPHIDKeepalive(rawValue: status)) }
            case .error:
                throw .refusedMessage(CTAPHIDErrorCode(rawValue: data.first ?? 0), command)
            case command:
                let message = try whole(length, data)
                if isOurs(message) { return message }
                strays += 1
                guard strays <= limits.strayPackets else { throw .tooManyStaleMessages }
            default: throw .malformed(.unexpectedCommand(kind))
            }
        }
    }

    /// The message that starts with `data`.
    private func whole(_ length: Int, _ data: ArraySlice<UInt8>) throws(ConnectionError) -> [UInt8] {
        let most = CTAPHIDPacket.maxMessageLength(packetLength: packets.packetLength)
        guard length <= most else { throw .malformed(.tooLong(length)) }
        var message = Array(data.prefix(length))
        var (sequence, strays) = (UInt8(0), 0)
        while message.count < length {
            switch try nextPacket() {
            case .continuation(channel, let number, let data)?:
                guard number == sequence else { throw .malformed(.unexpectedSequence(number)) }
                message += data.prefix(length - message.count)
                sequence &+= 1
            case .initialization(channel, let kind, _, _)?: throw .malformed(.unexpectedCommand(kind))
            default:
                strays += 1
                guard strays <= limits.strayPackets else { throw .tooManyStaleMessages }
            }
        }
        return message
    }

    /// - Returns: nil for what is no packet.
    private func nextPacket() throws(ConnectionError) -> CTAPHIDPacket? {
        CTAPHIDPacket(parsing: try packets.receive(timeout: limits.packetTimeout))
    }
}
