/// `bMessageType` (USB CCID 1.1, tables 6.1-1 and 6.2-1).
public struct CCIDMessageType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `PC_to_RDR_IccPowerOn`
    public static let powerOn = CCIDMessageType(rawValue: 0x62)
    /// `PC_to_RDR_IccPowerOff`
    public static let powerOff = CCIDMessageType(rawValue: 0x63)
    /// `PC_to_RDR_GetSlotStatus`
    public static let getSlotStatus = CCIDMessageType(rawValue: 0x65)
    /// `PC_to_RDR_XfrBlock`
    public static let transferBlock = CCIDMessageType(rawValue: 0x6F)
    /// `PC_to_RDR_Abort`
    public static let abort = CCIDMessageType(rawValue: 0x72)
    /// `RDR_to_PC_DataBlock`
    public static let dataBlock = CCIDMessageType(rawValue: 0x80)
    /// `RDR_to_PC_SlotStatus`
    public static let slotStatus = CCIDMessageType(rawValue: 0x81)
}

/// `bError` of a failed command (USB CCID 1.1, table 6.2-2). Open: values without a name here are kept as they came;
/// those up to 127 are the position of the header byte that the reader does not accept.
public struct CCIDErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let commandAborted = CCIDErrorCode(rawValue: 0xFF)
    /// The card does not answer.
    public static let iccMute = CCIDErrorCode(rawValue: 0xFE)
    public static let parityError = CCIDErrorCode(rawValue: 0xFD)
    public static let overrun = CCIDErrorCode(rawValue: 0xFC)
    public static let hardwareError = CCIDErrorCode(rawValue: 0xFB)
    public static let badATRInitialCharacter = CCIDErrorCode(rawValue: 0xF8)
    public static let badATRChecksum = CCIDErrorCode(rawValue: 0xF7)
    public static let protocolNotSupported = CCIDErrorCode(rawValue: 0xF6)
    public static let classNotSupported = CCIDErrorCode(rawValue: 0xF5)
    public static let procedureByteConflict = CCIDErrorCode(rawValue: 0xF4)
    /// The card lost its power; it has to be powered again.
    public static let deactivatedProtocol = CCIDErrorCode(rawValue: 0xF3)
    public static let busyWithAutoSequence = CCIDErrorCode(rawValue: 0xF2)
    public static let pinTimeout = CCIDErrorCode(rawValue: 0xF0)
    public static let pinCancelled = CCIDErrorCode(rawValue: 0xEF)
    public static let slotBusy = CCIDErrorCode(rawValue: 0xE0)
    public static let commandNotSupported = CCIDErrorCode(rawValue: 0x00)
    public static let badLength = CCIDErrorCode(rawValue: 0x01)
    public static let slotDoesNotExist = CCIDErrorCode(rawValue: 0x05)
}
