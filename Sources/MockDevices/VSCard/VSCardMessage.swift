import ByteBuffers

/// A message between a smart-card reader that QEMU emulates and the process that plays the card (libcacard,
/// `vscard_common.h`; QEMU, `docs/system/devices/ccid.rst`). All numbers are big-endian.
///
///     0  4  type
///     4  4  reader id    0xFFFFFFFF where none was given yet
///     8  4  length       bytes of the payload
///    12  n  payload
///
/// Payload of VSC_Init:
///
///     0  4  magic        "VSCD"
///     4  4  version      8 bits major, 8 bits minor, 16 bits micro
///     8  4  capabilities
struct VSCardMessage: Hashable {
    let type: VSCardMessageType
    let reader: UInt32
    let payload: [UInt8]

    static let headerLength = 12
    /// QEMU's own limit.
    static let maxPayloadLength = 65_536
    static let noReader: UInt32 = 0xFFFF_FFFF

    init(_ type: VSCardMessageType, reader: UInt32, _ payload: [UInt8] = []) {
        (self.type, self.reader, self.payload) = (type, reader, payload)
    }

    /// Takes one message off the front of what came.
    ///
    /// - Returns: nil where it has not all come.
    init?(takenFrom bytes: inout [UInt8]) throws(VSCardError) {
        var reader = ByteReader(bytes)
        guard let type = try? reader.bigEndian32(), let id = try? reader.bigEndian32(),
            let length = try? reader.bigEndian32()
        else { return nil }
        guard length <= Self.maxPayloadLength else { throw .tooLong(type) }
        guard let payload = try? reader.bytes(Int(length)) else { return nil }
        self.init(VSCardMessageType(rawValue: type), reader: id, Array(payload))
        bytes.removeFirst(reader.offset)
    }

    var bytes: [UInt8] {
        bigEndianBytes(type.rawValue) + bigEndianBytes(reader)
            + bigEndianBytes(UInt32(truncatingIfNeeded: payload.count)) + payload
    }

    static let greeting = VSCardMessage(
        .initialize, reader: noReader,
        Array("VSCD".utf8) + bigEndianBytes(version) + bigEndianBytes(noCapabilities))

    private static let version: UInt32 = 0x0000_0002
    private static let noCapabilities: UInt32 = 0
}

/// `VSCMsgType`
struct VSCardMessageType: RawRepresentable, Hashable {
    let rawValue: UInt32

    /// VSC_Init
    static let initialize = VSCardMessageType(rawValue: 1)
    /// VSC_Error: the answer to what has no other, with a code that is 0 for success.
    static let error = VSCardMessageType(rawValue: 2)
    static let readerAdd = VSCardMessageType(rawValue: 3)
    static let readerRemove = VSCardMessageType(rawValue: 4)
    /// VSC_ATR: a card is there.
    static let answerToReset = VSCardMessageType(rawValue: 5)
    static let cardRemove = VSCardMessageType(rawValue: 6)
    /// VSC_APDU: a command to the card, an answer from it.
    static let apdu = VSCardMessageType(rawValue: 7)
    static let flush = VSCardMessageType(rawValue: 8)
    static let flushComplete = VSCardMessageType(rawValue: 9)
}

/// What a reader can send that no session goes on after.
public enum VSCardError: Error, Hashable, Sendable {
    /// A message of that type is longer than there are.
    case tooLong(UInt32)
    /// The reader refused something, with this code.
    case refused(UInt32)
    case malformed
}
