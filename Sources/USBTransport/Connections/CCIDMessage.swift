import ByteBuffers

/// A message from the host to the reader (USB CCID 1.1, section 6.1).
///
///      0  1  bMessageType
///      1  4  dwLength         little-endian; bytes of abData
///      5  1  bSlot
///      6  1  bSeq             the reader echoes it
///      7  3  by message type: bPowerSelect and zeros, or bBWI and wLevelParameter (little-endian)
///     10  n  abData
struct CCIDCommand {
    static let headerLength = 10

    let type: CCIDMessageType
    let slot: UInt8
    let sequence: UInt8
    /// Byte 7: bPowerSelect of IccPowerOn, bBWI of XfrBlock.
    var selector: UInt8 = 0
    /// Bytes 8 and 9: wLevelParameter of XfrBlock.
    var level: ChainLevel = .whole

    /// - Parameter data: `abData`; it may hold key material and so goes straight into a wiped buffer.
    func message(_ data: RawSpan) -> WipedBuffer {
        let buffer = WipedBuffer(capacity: Self.headerLength + data.byteCount)
        buffer.append(type.rawValue)
        buffer.append(littleEndian: UInt32(clamping: data.byteCount))
        buffer.append(slot)
        buffer.append(sequence)
        buffer.append(selector)
        buffer.append(littleEndian: level.rawValue)
        buffer.append(contentsOf: data)
        return buffer
    }
}

/// A message from the reader to the host (USB CCID 1.1, section 6.2).
///
///      0  1  bMessageType
///      1  4  dwLength         little-endian; bytes of abData
///      5  1  bSlot
///      6  1  bSeq
///      7  1  bStatus          bits 1..0 bmICCStatus, bits 7..6 bmCommandStatus
///      8  1  bError           for "failed" the reason, for "time extension" the multiplier
///      9  1  bChainParameter  of a DataBlock
///     10  n  abData
struct CCIDResponse {
    static let headerLength = 10

    let type: CCIDMessageType
    let slot: UInt8
    let sequence: UInt8
    let cardStatus: CardStatus
    let commandStatus: CommandStatus
    let error: UInt8
    let chainParameter: UInt8
    let data: ArraySlice<UInt8>

    enum CardStatus: UInt8 {
        case active, inactive, absent, reserved
    }

    enum CommandStatus: UInt8 {
        case processed, failed, timeExtension, reserved
    }

    /// Bytes of the whole message, as far as its header has come.
    static func expectedLength(of start: [UInt8]) -> Int? {
        var reader = ByteReader(start)
        guard (try? reader.uint8()) != nil, let length = try? reader.littleEndian32() else { return nil }
        return headerLength + Int(length)
    }

    init(parsing bytes: [UInt8]) throws(ConnectionError) {
        var reader = ByteReader(bytes)
        do throws(ByteReader.EndOfBytes) {
            type = CCIDMessageType(rawValue: try reader.uint8())
            let length = Int(try reader.littleEndian32())
            slot = try reader.uint8()
            sequence = try reader.uint8()
            let status = try reader.uint8()
            cardStatus = CardStatus(rawValue: status & Self.cardStatusMask) ?? .reserved
            commandStatus = CommandStatus(rawValue: status >> Self.commandStatusShift) ?? .reserved
            error = try reader.uint8()
            chainParameter = try reader.uint8()
            data = try reader.bytes(length)
        } catch {
            throw .malformed(.truncated)
        }
        guard reader.isAtEnd else { throw .malformed(.tooLong(bytes.count)) }
    }

    private static let cardStatusMask: UInt8 = 0x03
    private static let commandStatusShift: UInt8 = 6
}

/// `wLevelParameter`: which part of a command APDU a XfrBlock carries (USB CCID 1.1, section 6.1.4).
enum ChainLevel: UInt16 {
    case whole = 0
    case first = 1
    case last = 2
    case middle = 3
    /// Empty; asks the reader for the next part of its response.
    case continueResponse = 0x10
}

/// `bChainParameter`: which part of a response APDU a DataBlock carries (USB CCID 1.1, section 6.2.1).
enum ChainParameter: UInt8 {
    case whole = 0
    case first = 1
    case last = 2
    case middle = 3
    /// Empty; the reader waits for the next part of the command.
    case continueCommand = 0x10
}
