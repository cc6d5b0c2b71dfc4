import ByteBuffers

/// A configuration as the key stores it, in the record that it came in (yubikey-personalization, `ykdef.h`,
/// `config_st`).
///
///      0  16  fixed part
///     16   6  private id, or the end of a 20-byte key and the moving factor
///     22  16  key
///     38   6  access code
///     44   1  length of the fixed part
///     45   1  extended flags
///     46   1  ticket flags
///     47   1  configuration flags
///     48   2  reserved
///     50   2  checksum, little-endian: the record with it has the residual F0B8
struct OTPStoredSlot: Hashable, Sendable {
    static let length = 52

    private(set) var record: [UInt8]
    /// OATH-HOTP codes typed so far.
    var uses: UInt64 = 0

    /// - Returns: nil for a record that the key would not store.
    init?(_ record: [UInt8], uses: UInt64 = 0) {
        guard record.count == Self.length, otpChecksum(record) == otpResidual,
            record[Field.fixedLength] <= Self.longestFixed
        else { return nil }
        (self.record, self.uses) = (record, uses)
    }

    var accessCode: ArraySlice<UInt8> { record[Field.accessCode] }
    var isProtected: Bool { accessCode.contains { $0 != 0 } }
    var extended: UInt8 { record[Field.extended] }
    var ticket: UInt8 { record[Field.ticket] }
    var config: UInt8 { record[Field.config] }
    var hasFixedPart: Bool { record[Field.fixedLength] > 0 }

    /// Key of OATH-HOTP and HMAC-SHA1: 20 bytes.
    var longKey: [UInt8] { Array(record[Field.key] + record[Field.keyEnd]) }

    /// First moving factor of OATH-HOTP.
    var movingFactor: UInt64 {
        record[Field.movingFactor].reduce(0) { $0 << UInt64(UInt8.bitWidth) | UInt64($1) } * Self.movingFactorUnit
    }

    var allowsUpdate: Bool { extended & OTPFlag.allowUpdate != 0 }
    var showsSerial: Bool { extended & OTPFlag.serialAPIVisible != 0 }
    var protectsSlot2: Bool { ticket & OTPFlag.protectConfig2 != 0 }
    var computesHMAC: Bool { ticket & OTPFlag.oath != 0 && config & OTPFlag.hmac == OTPFlag.hmac }
    var isHOTP: Bool { ticket & OTPFlag.oath != 0 && config & OTPFlag.challenge == 0 }
    /// It types its bytes as scan codes.
    var isStatic: Bool {
        ticket & OTPFlag.oath == 0 && config & (OTPFlag.hmac | OTPFlag.challenge) == OTPFlag.shortTicket
    }
    /// Up to the first place without one.
    var scanCodes: ArraySlice<UInt8> { record[Field.scanCodes].prefix { $0 != 0 } }
    var hasEightDigits: Bool { config & OTPFlag.hotp8 != 0 }
    var takesShortChallenges: Bool { config & OTPFlag.lessThan64 != 0 }

    /// Typing slots wait for a touch; one that is challenged does so where it was told to.
    var needsTouch: Bool {
        let isChallenged = ticket & OTPFlag.oath != 0 && config & OTPFlag.challenge != 0
        return !isChallenged || config & OTPFlag.buttonTrigger != 0
    }

    /// Takes over what an update may change.
    ///
    /// - Parameter keepsAccessCode: a quirk of firmware 4.3.2 to 4.3.5.
    mutating func update(from other: OTPStoredSlot, keepsAccessCode: Bool) {
        if !keepsAccessCode { record.replaceSubrange(Field.accessCode, with: other.accessCode) }
        record[Field.extended] = other.extended
        record[Field.ticket] = ticket & ~OTPFlag.updatableTicket | other.ticket & OTPFlag.updatableTicket
        record[Field.config] = config & ~OTPFlag.updatableConfig | other.config & OTPFlag.updatableConfig
        record.replaceSubrange(
            Field.checksum, with: littleEndianBytes(~otpChecksum(Array(record[..<Field.checksum.lowerBound]))))
    }

    private enum Field {
        static let scanCodes = 0..<38
        static let keyEnd = 16..<20
        static let movingFactor = 20..<22
        static let key = 22..<38
        static let accessCode = 38..<44
        static let fixedLength = 44
        static let extended = 45
        static let ticket = 46
        static let config = 47
        static let checksum = 50..<52
    }

    private static let longestFixed: UInt8 = 16
    private static let movingFactorUnit: UInt64 = 16
}

/// Flags of a configuration and the bits of them that an update may change.
private enum OTPFlag {
    static let serialAPIVisible: UInt8 = 0x04
    static let allowUpdate: UInt8 = 0x20

    /// OATH-HOTP or challenge-response, by the flags of the configuration.
    static let oath: UInt8 = 0x40
    static let protectConfig2: UInt8 = 0x80
    static let updatableTicket: UInt8 = 0x3F

    static let hotp8: UInt8 = 0x02
    static let shortTicket: UInt8 = 0x02
    static let challenge: UInt8 = 0x20
    static let hmac: UInt8 = 0x22
    static let lessThan64: UInt8 = 0x04
    static let buttonTrigger: UInt8 = 0x08
    static let updatableConfig: UInt8 = 0x0C
}

/// CRC of ISO/IEC 13239 without the final inversion, bit by bit from the low end (yubikey-personalization, `ykcrc.h`).
func otpChecksum(_ bytes: [UInt8]) -> UInt16 {
    var checksum: UInt16 = 0xFFFF
    for byte in bytes {
        checksum ^= UInt16(byte)
        for _ in 0..<8 {
            let carries = checksum & 1 != 0
            checksum >>= 1
            if carries { checksum ^= 0x8408 }
        }
    }
    return checksum
}

/// The checksum of bytes that end in their own, inverted.
let otpResidual: UInt16 = 0xF0B8
