import ByteBuffers

/// USBIP_CMD_UNLINK: a transfer to take back.
///
///      0 20  header          command 2
///     20  4  unlink_seqnum   of the transfer
///     24 24  padding         not looked at: older kernels leave there what was in memory
struct USBIPUnlink: Hashable {
    var header: USBIPHeader
    var target: UInt32

    init(header: USBIPHeader, target: UInt32) {
        (self.header, self.target) = (header, target)
    }

    init(_ header: USBIPHeader, _ rest: [UInt8]) throws(USBIPError) {
        self.header = header
        target = try ByteReader.message(rest) { reader throws(ByteReader.EndOfBytes) in
            let target = try reader.bigEndian32()
            _ = reader.remainder()
            return target
        }
    }

    var bytes: [UInt8] {
        header.bytes + bigEndianBytes(target) + [UInt8](repeating: 0, count: USBIPUnlinkReply.paddingLength)
    }
}

/// USBIP_RET_UNLINK: whether it could be taken back.
///
///      0 20  header    command 4
///     20  4  status    -ECONNRESET where it was still open, and is answered by nothing else; 0 where it had ended
///     24 24  padding   0
struct USBIPUnlinkReply: Hashable {
    var sequence: UInt32
    var status: USBIPStatus

    init(sequence: UInt32, _ status: USBIPStatus) {
        (self.sequence, self.status) = (sequence, status)
    }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        var reader = ByteReader(bytes)
        let head = try USBIPHeader(parsingAnswer: try reader.part(USBIPHeader.length), .unlinkReply)
        let rest = try reader.part(USBIPCommand.length - USBIPHeader.length)
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
        let (status, padding) = try ByteReader.message(rest) { reader throws(ByteReader.EndOfBytes) in
            (try reader.bigEndian32(), reader.remainder())
        }
        guard padding.allSatisfy({ $0 == 0 }) else { throw USBIPError(.padding, at: USBIPHeader.length) }
        self.init(sequence: head.sequence, USBIPStatus(rawValue: Int32(bitPattern: status)))
    }

    var bytes: [UInt8] {
        USBIPHeader(.unlinkReply, sequence: sequence).bytes + bigEndianBytes(UInt32(bitPattern: status.rawValue))
            + [UInt8](repeating: 0, count: Self.paddingLength)
    }

    static let paddingLength = 24
}
