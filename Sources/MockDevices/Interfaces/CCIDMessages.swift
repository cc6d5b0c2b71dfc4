import ByteBuffers

/// A message from the host (CCID 1.1, section 6.1).
///
///     0  1  bMessageType
///     1  4  dwLength        little-endian; bytes after the header
///     5  1  bSlot
///     6  1  bSeq
///     7  1  bPowerSelect, bBWI or bProtocolNum, by type
///     8  2  wLevelParameter little-endian, of XfrBlock
///    10  n  abData
struct CCIDCommand: Hashable {
    static let headerLength = 10

    let type: CCIDCommandType
    let declaredLength: Int
    let slot: UInt8
    let sequence: UInt8
    let specific: UInt8
    let level: UInt16
    let data: [UInt8]

    /// - Parameter bytes: what came, up to the end of the transfer.
    /// - Throws: where not even the header is there.
    init(parsing bytes: [UInt8]) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(bytes)
        type = CCIDCommandType(rawValue: try reader.uint8())
        declaredLength = Int(try reader.littleEndian32())
        slot = try reader.uint8()
        sequence = try reader.uint8()
        specific = try reader.uint8()
        level = try reader.littleEndian16()
        data = Array(reader.remainder())
    }
}

/// `bMessageType` of messages from the host (CCID 1.1, table 6.1-1).
struct CCIDCommandType: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let setParameters = CCIDCommandType(rawValue: 0x61)
    static let iccPowerOn = CCIDCommandType(rawValue: 0x62)
    static let iccPowerOff = CCIDCommandType(rawValue: 0x63)
    static let getSlotStatus = CCIDCommandType(rawValue: 0x65)
    static let secure = CCIDCommandType(rawValue: 0x69)
    static let t0APDU = CCIDCommandType(rawValue: 0x6A)
    static let escape = CCIDCommandType(rawValue: 0x6B)
    static let getParameters = CCIDCommandType(rawValue: 0x6C)
    static let resetParameters = CCIDCommandType(rawValue: 0x6D)
    static let iccClock = CCIDCommandType(rawValue: 0x6E)
    static let xfrBlock = CCIDCommandType(rawValue: 0x6F)
    static let mechanical = CCIDCommandType(rawValue: 0x71)
    static let abort = CCIDCommandType(rawValue: 0x72)
    static let setDataRateAndClock = CCIDCommandType(rawValue: 0x73)

    /// The message type that answers this one; nil for a type that the standard does not have.
    var answer: CCIDAnswerType? {
        switch self {
        case .iccPowerOn, .xfrBlock, .secure: .dataBlock
        case .iccPowerOff, .getSlotStatus, .iccClock, .t0APDU, .mechanical, .abort: .slotStatus
        case .getParameters, .resetParameters, .setParameters: .parameters
        case .escape: .escape
        case .setDataRateAndClock: .dataRateAndClock
        default: nil
        }
    }

    /// Types that come with data; all others have none.
    var carriesData: Bool {
        [.xfrBlock, .setParameters, .escape, .secure, .setDataRateAndClock].contains(self)
    }
}

/// `bMessageType` of messages to the host (CCID 1.1, table 6.2-1).
struct CCIDAnswerType: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let dataBlock = CCIDAnswerType(rawValue: 0x80)
    static let slotStatus = CCIDAnswerType(rawValue: 0x81)
    static let parameters = CCIDAnswerType(rawValue: 0x82)
    static let escape = CCIDAnswerType(rawValue: 0x83)
    static let dataRateAndClock = CCIDAnswerType(rawValue: 0x84)
}

/// A message to the host (CCID 1.1, section 6.2).
///
///     0  1  bMessageType
///     1  4  dwLength        little-endian
///     5  1  bSlot
///     6  1  bSeq            of the command
///     7  1  bStatus         bits 1..0 card, bits 7..6 command
///     8  1  bError
///     9  1  bChainParameter, bClockStatus or bProtocolNum, by type
///    10  n  abData
struct CCIDAnswer: Hashable {
    var type: CCIDAnswerType
    var slot: UInt8
    var sequence: UInt8
    var status: UInt8
    var error: UInt8 = 0
    var specific: UInt8 = 0
    var data: [UInt8] = []

    var bytes: [UInt8] {
        let length = UInt32(truncatingIfNeeded: data.count)
        return [type.rawValue] + littleEndianBytes(length) + [slot, sequence, status, error, specific] + data
    }
}

/// The card's part of `bStatus`.
enum CardStatus: UInt8 {
    case active = 0
    case inactive = 1
    case absent = 2
}

/// The command's part of `bStatus`.
enum CommandStatus: UInt8 {
    case done = 0x00
    case failed = 0x40
    case timeExtension = 0x80
}

/// `bError` (CCID 1.1, table 6.2-2). A value from 1 to 127 is the position of the byte at fault.
struct CCIDError: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let commandNotSupported = CCIDError(rawValue: 0x00)
    static let badLength = CCIDError(rawValue: 0x01)
    static let badSlot = CCIDError(rawValue: 0x05)
    static let badPowerSelect = CCIDError(rawValue: 0x07)
    static let badLevel = CCIDError(rawValue: 0x08)
    static let slotBusy = CCIDError(rawValue: 0xE0)
    static let overrun = CCIDError(rawValue: 0xFC)
    static let mute = CCIDError(rawValue: 0xFE)
    static let aborted = CCIDError(rawValue: 0xFF)
    /// What CanoKey sets on success.
    static let noiseOnSuccess = CCIDError(rawValue: 0x81)
}

/// `wLevelParameter` of XfrBlock and, as a byte, `bChainParameter` of DataBlock (CCID 1.1, sections 6.1.4, 6.2.1).
struct ChainLevel: RawRepresentable, Hashable {
    let rawValue: UInt16

    static let whole = ChainLevel(rawValue: 0x00)
    static let first = ChainLevel(rawValue: 0x01)
    static let last = ChainLevel(rawValue: 0x02)
    static let middle = ChainLevel(rawValue: 0x03)
    /// No data: the other side is to go on.
    static let goOn = ChainLevel(rawValue: 0x10)

    var byte: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
}

func littleEndianBytes<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    (0..<Integer.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

func bigEndianBytes<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    littleEndianBytes(value).reversed()
}
