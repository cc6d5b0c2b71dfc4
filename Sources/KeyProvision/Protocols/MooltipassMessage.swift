import ByteBuffers

/// A message in either direction, and how it is cut into packets.
///
///     message                              packet of 64 bytes
///     0  2  command, little-endian         0  1   bit 7 flip bit, bit 6 wish for an acknowledgment, bits 5…0 length n
///     2  2  length l, little-endian        1  1   bits 7…4 number of the packet, bits 3…0 number of the last one
///     4  l  payload                        2  n   the next part of the message, zeros behind its end
///
/// The flip bit is the same in all packets of a message, and means nothing in those from the key. No acknowledgment is asked
/// for: it is a copy of the last packet, and each message but one has an answer.
struct MooltipassMessage {
    let command: MooltipassWire.Command
    let payload: WipedBuffer

    init(_ command: MooltipassWire.Command, _ payload: WipedBuffer = WipedBuffer(capacity: 0)) {
        (self.command, self.payload) = (command, payload)
    }

    /// - Parameter flipBit: whether it is set.
    func packets(flipBit: Bool) -> [WipedBuffer] {
        let message = WipedBuffer(capacity: Self.headerLength + payload.count)
        message.append(littleEndian: command.rawValue)
        message.append(littleEndian: UInt16(truncatingIfNeeded: payload.count))
        message.append(contentsOf: payload)
        let starts = Array(stride(from: 0, to: message.count, by: MooltipassWire.Packet.payload))
        return starts.enumerated().map { number, start in
            let end = min(start + MooltipassWire.Packet.payload, message.count)
            let packet = WipedBuffer(capacity: MooltipassWire.Packet.length)
            let flip = flipBit ? MooltipassWire.Packet.flipBit : 0
            packet.append(flip | UInt8(truncatingIfNeeded: end - start))
            packet.append(
                UInt8(truncatingIfNeeded: number) << MooltipassWire.Packet.numberShift
                    | UInt8(truncatingIfNeeded: starts.count - 1) & MooltipassWire.Packet.lastMask)
            message.withBytes { packet.append(contentsOf: $0.extracting(start..<end)) }
            packet.append(repeating: 0, count: MooltipassWire.Packet.length - packet.count)
            return packet
        }
    }

    /// The packet that has the key wait for a message without flip bit, and forget one that is half there.
    static var reset: WipedBuffer {
        let packet = WipedBuffer(capacity: MooltipassWire.Packet.length)
        packet.append(repeating: MooltipassWire.Packet.reset, count: 2)
        packet.append(repeating: 0, count: MooltipassWire.Packet.length - packet.count)
        return packet
    }

    private static let headerLength = 4
}

/// A message from the key.
struct MooltipassAnswer: Hashable {
    let command: MooltipassWire.Command
    let payload: [UInt8]
}

/// Puts a message from the key together, packet by packet.
struct MooltipassAssembly {
    private var bytes: [UInt8] = []
    private var nextNumber: UInt8 = 0

    /// Not of the layout of `MooltipassMessage`.
    struct Malformed: Error, Hashable {}

    enum Progress: Hashable {
        case incomplete
        case complete(MooltipassAnswer)
        /// The host's flip bit was not the one that the key waited for; it has thrown the message away.
        case flipBitRefused
    }

    mutating func take(_ packet: [UInt8]) throws(Malformed) -> Progress {
        var reader = ByteReader(packet)
        guard let head = try? reader.uint8(), let numbers = try? reader.uint8() else { throw Malformed() }
        guard head != MooltipassWire.Packet.reset || numbers != MooltipassWire.Packet.reset else {
            return .flipBitRefused
        }
        let number = numbers >> MooltipassWire.Packet.numberShift
        guard number == nextNumber, let part = try? reader.bytes(Int(head & MooltipassWire.Packet.lengthMask)) else {
            throw Malformed()
        }
        bytes += part
        nextNumber = number + 1
        guard number == numbers & MooltipassWire.Packet.lastMask else { return .incomplete }
        return .complete(try MooltipassAnswer(bytes))
    }
}

extension MooltipassAnswer {
    fileprivate init(_ bytes: [UInt8]) throws(MooltipassAssembly.Malformed) {
        var reader = ByteReader(bytes)
        guard let command = try? reader.littleEndian16(), let length = try? reader.littleEndian16(),
            let payload = try? reader.bytes(Int(length)), reader.isAtEnd
        else { throw MooltipassAssembly.Malformed() }
        self.init(command: MooltipassWire.Command(rawValue: command), payload: Array(payload))
    }
}
