/// An IN endpoint: messages go in whole and come out packet by packet, in transfers that end as those of a host
/// controller do (USB 2.0, sections 5.7.3 and 5.8.3).
struct InboundPipe: Hashable, Sendable {
    enum Progress {
        /// The transfer is over: `count` bytes, or a short packet.
        case ended
        /// No packet left, and the transfer wants more.
        case waiting
        /// A packet was longer than the rest of the host's buffer; it is lost.
        case overflow
    }

    let packetSize: Int
    let endsWithShortPacket: Bool
    private var packets: [[UInt8]] = []

    init(packetSize: Int, endsWithShortPacket: Bool) {
        self.packetSize = max(1, packetSize)
        self.endsWithShortPacket = endsWithShortPacket
    }

    var isEmpty: Bool { packets.isEmpty }

    mutating func send(_ message: [UInt8]) {
        for start in stride(from: 0, to: message.count, by: packetSize) {
            packets.append(Array(message[start...].prefix(packetSize)))
        }
        if message.count.isMultiple(of: packetSize), endsWithShortPacket || message.isEmpty { packets.append([]) }
    }

    mutating func removeAll() { packets = [] }

    /// Moves packets into `transfer` until it is over or none is left.
    mutating func continueTransfer(_ transfer: inout [UInt8], upTo count: Int) -> Progress {
        while transfer.count < count {
            guard let packet = packets.first else { return .waiting }
            packets.removeFirst()
            guard transfer.count + packet.count <= count else { return .overflow }
            transfer += packet
            if packet.count < packetSize { return .ended }
        }
        return .ended
    }
}
