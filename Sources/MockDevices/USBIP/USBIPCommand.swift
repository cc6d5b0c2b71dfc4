import ByteBuffers

/// A message from the importing side after the import: a transfer to carry out, or one to take back. 48 bytes, then
/// the data of an OUT transfer (kernel documentation, "USB/IP protocol", USBIP_CMD_SUBMIT and following).
enum USBIPCommand: Hashable {
    case submit(USBIPSubmit)
    case unlink(USBIPUnlink)

    static let length = 48

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        var reader = ByteReader(bytes)
        let head = try USBIPHeader(parsing: try reader.part(USBIPHeader.length))
        let rest = try reader.part(Self.length - USBIPHeader.length)
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
        switch head.command {
        case .submit: self = .submit(try USBIPSubmit(head, rest))
        case .unlink: self = .unlink(try USBIPUnlink(head, rest))
        default: throw USBIPError(.command(head.command.rawValue), at: 0)
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .submit(let submit): submit.bytes
        case .unlink(let unlink): unlink.bytes
        }
    }

    /// Bytes that follow the message.
    var dataLength: Int {
        switch self {
        case .submit(let submit): submit.dataLength
        case .unlink: 0
        }
    }

    var header: USBIPHeader {
        switch self {
        case .submit(let submit): submit.header
        case .unlink(let unlink): unlink.header
        }
    }
}

/// `usbip_header_basic`, at the start of every message after the import.
///
///     0  4  command
///     4  4  seqnum      chosen by the importing side; an answer has that of its question
///     8  4  devid       busnum in the high half, devnum in the low one; 0 in an answer
///    12  4  direction   0 OUT, 1 IN; 0 in an answer
///    16  4  ep          endpoint number, 0 to 15; 0 in an answer
struct USBIPHeader: Hashable {
    static let length = 20

    var command: USBIPCommandCode
    var sequence: UInt32
    var deviceID: UInt32 = 0
    var isIn = false
    var endpoint: UInt8 = 0

    init(_ command: USBIPCommandCode, sequence: UInt32) {
        (self.command, self.sequence) = (command, sequence)
    }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        let fields = try ByteReader.message(bytes) { reader throws(ByteReader.EndOfBytes) in
            (
                try reader.bigEndian32(), try reader.bigEndian32(), try reader.bigEndian32(),
                try reader.bigEndian32(), try reader.bigEndian32()
            )
        }
        (command, sequence, deviceID) = (USBIPCommandCode(rawValue: fields.0), fields.1, fields.2)
        guard fields.3 <= Self.directionIn else { throw USBIPError(.direction(fields.3), at: Self.directionOffset) }
        guard fields.4 <= Self.highestEndpoint else { throw USBIPError(.endpoint(fields.4), at: Self.endpointOffset) }
        isIn = fields.3 == Self.directionIn
        endpoint = UInt8(truncatingIfNeeded: fields.4)
    }

    /// The header of an answer, which has no more than the sequence number.
    init(parsingAnswer bytes: [UInt8], _ code: USBIPCommandCode) throws(USBIPError) {
        try self.init(parsing: bytes)
        guard command == code else { throw USBIPError(.command(command.rawValue), at: 0) }
        guard self == USBIPHeader(code, sequence: sequence) else { throw USBIPError(.padding, at: Self.deviceIDOffset) }
    }

    var bytes: [UInt8] {
        bigEndianBytes(command.rawValue) + bigEndianBytes(sequence) + bigEndianBytes(deviceID)
            + bigEndianBytes(isIn ? Self.directionIn : 0) + bigEndianBytes(UInt32(endpoint))
    }

    /// As in the endpoint descriptor; 0 for control transfers of both directions.
    var address: UInt8 { endpoint != 0 && isIn ? endpoint | Self.addressIn : endpoint }

    static let sequenceOffset = 4
    static let deviceIDOffset = 8
    private static let directionOffset = 12
    private static let endpointOffset = 16
    private static let directionIn: UInt32 = 1
    private static let highestEndpoint: UInt32 = 15
    private static let addressIn: UInt8 = 0x80
}

struct USBIPCommandCode: RawRepresentable, Hashable {
    let rawValue: UInt32

    static let submit = USBIPCommandCode(rawValue: 1)
    static let unlink = USBIPCommandCode(rawValue: 2)
    static let submitReply = USBIPCommandCode(rawValue: 3)
    static let unlinkReply = USBIPCommandCode(rawValue: 4)
}

/// `status` of an answer: 0 or one of Linux's error numbers, negative, as a URB has them (kernel documentation, "USB
/// Error codes").
struct USBIPStatus: RawRepresentable, Hashable {
    let rawValue: Int32

    static let ok = USBIPStatus(rawValue: 0)
    /// -ENOENT: there is no such endpoint.
    static let noEndpoint = USBIPStatus(rawValue: -2)
    /// -EBUSY
    static let busy = USBIPStatus(rawValue: -16)
    /// -EINVAL
    static let invalid = USBIPStatus(rawValue: -22)
    /// -EPIPE
    static let stalled = USBIPStatus(rawValue: -32)
    /// -EOVERFLOW
    static let overflow = USBIPStatus(rawValue: -75)
    /// -ECONNRESET: taken back by the importing side.
    static let unlinked = USBIPStatus(rawValue: -104)
    /// -ESHUTDOWN: the device has gone.
    static let shutDown = USBIPStatus(rawValue: -108)
    /// -EREMOTEIO: less came than the importing side will have.
    static let short = USBIPStatus(rawValue: -121)
}
