import ByteBuffers
import USBTransport

/// USBIP_CMD_SUBMIT: a transfer to carry out.
///
///      0 20  header                   command 1
///     20  4  transfer_flags           `URB_…` flags of Linux
///     24  4  transfer_buffer_length   data bytes of OUT, room of IN
///     28  4  start_frame              of isochronous transfers
///     32  4  number_of_packets        0 or FFFFFFFF, and the number of packets of an isochronous transfer
///     36  4  interval
///     40  8  setup                    as on the bus: the setup packet of a control transfer, little-endian
///     48  n  data                     of OUT
struct USBIPSubmit: Hashable {
    /// More than Linux's usbfs takes at a time without being told to (16 KiB), and far more than any key's message.
    static let longestTransfer: UInt32 = 1 << 20

    var header: USBIPHeader
    var flags: UInt32 = 0
    var bufferLength: UInt32
    var startFrame: UInt32 = 0
    var packets: UInt32 = noPackets
    var interval: UInt32 = 0
    var setup: [UInt8] = [UInt8](repeating: 0, count: setupLength)

    init(header: USBIPHeader, bufferLength: UInt32) {
        (self.header, self.bufferLength) = (header, bufferLength)
    }

    /// - Parameter rest: what follows the header, without the data.
    init(_ header: USBIPHeader, _ rest: [UInt8]) throws(USBIPError) {
        self.header = header
        (flags, bufferLength, startFrame, packets, interval, setup) = try ByteReader.message(rest) {
            reader throws(ByteReader.EndOfBytes) in
            (
                try reader.bigEndian32(), try reader.bigEndian32(), try reader.bigEndian32(),
                try reader.bigEndian32(), try reader.bigEndian32(), Array(try reader.bytes(Self.setupLength))
            )
        }
        guard packets == 0 || packets == Self.noPackets else {
            throw USBIPError(.isochronous(packets: packets), at: Self.packetsOffset)
        }
        guard bufferLength <= Self.longestTransfer else {
            throw USBIPError(.length(bufferLength), at: Self.bufferLengthOffset)
        }
    }

    /// All but the data.
    var bytes: [UInt8] {
        header.bytes + bigEndianBytes(flags) + bigEndianBytes(bufferLength) + bigEndianBytes(startFrame)
            + bigEndianBytes(packets) + bigEndianBytes(interval) + setup
    }

    /// Bytes that follow this message.
    var dataLength: Int { header.isIn ? 0 : Int(bufferLength) }

    /// An IN transfer that is an error where it is short: `URB_SHORT_NOT_OK`.
    var refusesShort: Bool { flags & Self.shortNotOK != 0 }

    /// The setup packet (USB 2.0, section 9.3).
    var controlSetup: ControlSetup? {
        try? ByteReader.message(setup) { reader throws(ByteReader.EndOfBytes) in
            ControlSetup(
                requestType: try reader.uint8(), request: try reader.uint8(), value: try reader.littleEndian16(),
                index: try reader.littleEndian16(), length: try reader.littleEndian16())
        }
    }

    static let noPackets: UInt32 = 0xFFFF_FFFF
    static let setupLength = 8
    private static let shortNotOK: UInt32 = 0x0001
    private static let bufferLengthOffset = 24
    private static let packetsOffset = 32
}

/// USBIP_RET_SUBMIT: how a transfer went.
///
///      0 20  header              command 3
///     20  4  status
///     24  4  actual_length       bytes that crossed the bus
///     28  4  start_frame         of isochronous transfers; 0, and what was asked with from some servers
///     32  4  number_of_packets   as in the question
///     36  4  error_count         0
///     40  8  padding             0
///     48  n  data                of IN
struct USBIPSubmitReply: Hashable {
    var sequence: UInt32
    var status: USBIPStatus
    var actualLength: UInt32
    var startFrame: UInt32 = 0
    var packets: UInt32
    /// Of an IN transfer.
    var data: [UInt8]

    init(_ submit: USBIPSubmit, _ status: USBIPStatus, sent: Int = 0, received: [UInt8] = []) {
        (sequence, packets, self.status) = (submit.header.sequence, submit.packets, status)
        actualLength = UInt32(truncatingIfNeeded: submit.header.isIn ? received.count : sent)
        data = received
    }

    /// - Parameter isIn: of the question; the answer does not say it.
    init(parsing bytes: [UInt8], isIn: Bool) throws(USBIPError) {
        var reader = ByteReader(bytes)
        let head = try USBIPHeader(parsingAnswer: try reader.part(USBIPHeader.length), .submitReply)
        let rest = try reader.part(USBIPCommand.length - USBIPHeader.length)
        let fields = try ByteReader.message(rest) { reader throws(ByteReader.EndOfBytes) in
            (
                try reader.bigEndian32(), try reader.bigEndian32(), try reader.bigEndian32(),
                try reader.bigEndian32(), try reader.bytes(Self.paddingLength)
            )
        }
        (sequence, status) = (head.sequence, USBIPStatus(rawValue: Int32(bitPattern: fields.0)))
        (actualLength, startFrame, packets) = (fields.1, fields.2, fields.3)
        guard fields.4.allSatisfy({ $0 == 0 }) else {
            throw USBIPError(.padding, at: Self.paddingOffset)
        }
        guard actualLength <= USBIPSubmit.longestTransfer else {
            throw USBIPError(.length(actualLength), at: Self.actualLengthOffset)
        }
        data = isIn ? try reader.part(Int(actualLength)) : []
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
    }

    var bytes: [UInt8] {
        USBIPHeader(.submitReply, sequence: sequence).bytes + bigEndianBytes(UInt32(bitPattern: status.rawValue))
            + bigEndianBytes(actualLength) + bigEndianBytes(startFrame) + bigEndianBytes(packets)
            + [UInt8](repeating: 0, count: Self.paddingLength) + data
    }

    /// `error_count` and the padding: both 0.
    private static let paddingLength = 12
    private static let paddingOffset = 36
    private static let actualLengthOffset = 24
}
