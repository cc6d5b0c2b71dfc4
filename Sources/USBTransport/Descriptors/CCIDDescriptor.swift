import ByteBuffers

/// The class descriptor of a smart-card reader interface (USB CCID 1.1, section 5.1).
///
///      0  1  bLength                  54
///      1  1  bDescriptorType          0x21
///      2  2  bcdCCID                  little-endian, as all below
///      4  1  bMaxSlotIndex
///      5  1  bVoltageSupport
///      6  4  dwProtocols              bit 0 T=0, bit 1 T=1
///     10  4  dwDefaultClock           kHz
///     14  4  dwMaximumClock           kHz
///     18  1  bNumClockSupported
///     19  4  dwDataRate               bit/s
///     23  4  dwMaxDataRate            bit/s
///     27  1  bNumDataRatesSupported
///     28  4  dwMaxIFSD
///     32  4  dwSynchProtocols
///     36  4  dwMechanical
///     40  4  dwFeatures               bits 18..16 level of exchange
///     44  4  dwMaxCCIDMessageLength   header included
///     48  1  bClassGetResponse
///     49  1  bClassEnvelope
///     50  2  wLcdLayout
///     52  1  bPINSupport
///     53  1  bMaxCCIDBusySlots
public struct CCIDDescriptor: Hashable, Sendable {
    /// What one XfrBlock message carries.
    public enum ExchangeLevel: Hashable, Sendable {
        case character, tpdu, shortAPDU, extendedAPDU
    }

    public let version: UInt16
    public let maxSlotIndex: UInt8
    public let protocols: UInt32
    public let maxIFSD: Int
    public let features: UInt32
    /// In bytes, the 10-byte header included.
    public let maxMessageLength: Int

    public var exchangeLevel: ExchangeLevel {
        switch features & Self.levelMask {
        case Self.levelTPDU: .tpdu
        case Self.levelShortAPDU: .shortAPDU
        case Self.levelExtendedAPDU: .extendedAPDU
        default: .character
        }
    }

    init(_ descriptor: inout RawDescriptor) throws(DescriptorError) {
        self = try descriptor.fields(.functional) { body throws(ByteReader.EndOfBytes) in
            try CCIDDescriptor(body: &body)
        }
    }

    private init(body: inout ByteReader) throws(ByteReader.EndOfBytes) {
        version = try body.littleEndian16()
        maxSlotIndex = try body.uint8()
        _ = try body.uint8()  // bVoltageSupport: we ask for automatic selection
        protocols = try body.littleEndian32()
        _ = try body.bytes(Self.clockAndRateLength)
        maxIFSD = Int(try body.littleEndian32())
        _ = try body.bytes(Self.synchAndMechanicalLength)
        features = try body.littleEndian32()
        maxMessageLength = Int(try body.littleEndian32())
        _ = try body.bytes(Self.tailLength)
    }

    private static let clockAndRateLength = 18
    private static let synchAndMechanicalLength = 8
    private static let tailLength = 6
    private static let levelMask: UInt32 = 0x70000
    private static let levelTPDU: UInt32 = 0x10000
    private static let levelShortAPDU: UInt32 = 0x20000
    private static let levelExtendedAPDU: UInt32 = 0x40000
}
