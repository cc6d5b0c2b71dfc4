/// Tags of the YKOATH protocol, under its names.
struct OATHTag: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let name = OATHTag(rawValue: 0x71)
    static let nameList = OATHTag(rawValue: 0x72)
    static let key = OATHTag(rawValue: 0x73)
    static let challenge = OATHTag(rawValue: 0x74)
    static let response = OATHTag(rawValue: 0x75)
    static let truncatedResponse = OATHTag(rawValue: 0x76)
    /// An HOTP credential in CALCULATE ALL: a code would use up a counter value.
    static let noResponse = OATHTag(rawValue: 0x77)
    /// Without a length byte.
    static let property = OATHTag(rawValue: 0x78)
    static let version = OATHTag(rawValue: 0x79)
    static let initialMovingFactor = OATHTag(rawValue: 0x7A)
    static let algorithm = OATHTag(rawValue: 0x7B)
    static let touch = OATHTag(rawValue: 0x7C)

    /// A field with a value of less than 128 bytes, which is all that this applet sends.
    func field(_ value: [UInt8]) -> [UInt8] { [rawValue, UInt8(truncatingIfNeeded: value.count)] + value }
}

/// Instructions of the YKOATH protocol.
struct OATHInstruction: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let put = OATHInstruction(rawValue: 0x01)
    static let delete = OATHInstruction(rawValue: 0x02)
    static let setCode = OATHInstruction(rawValue: 0x03)
    static let reset = OATHInstruction(rawValue: 0x04)
    static let rename = OATHInstruction(rawValue: 0x05)
    static let list = OATHInstruction(rawValue: 0xA1)
    static let calculate = OATHInstruction(rawValue: 0xA2)
    static let validate = OATHInstruction(rawValue: 0xA3)
    static let calculateAll = OATHInstruction(rawValue: 0xA4)
    static let sendRemaining = OATHInstruction(rawValue: 0xA5)
}

/// The type byte of a key field: kind in the high half, hash in the low half.
struct OATHKeyType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    var isHOTP: Bool { rawValue & Self.kindMask == Self.hotp }
    var isTOTP: Bool { rawValue & Self.kindMask == Self.totp }
    var hash: HMACHash? { HMACHash(oathAlgorithm: rawValue & Self.algorithmMask) }

    private static let kindMask: UInt8 = 0xF0
    private static let hotp: UInt8 = 0x10
    private static let totp: UInt8 = 0x20
    private static let algorithmMask: UInt8 = 0x0F
}

/// The property byte of a credential.
struct OATHProperties: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let onlyIncreasing = OATHProperties(rawValue: 0x01)
    static let requiresTouch = OATHProperties(rawValue: 0x02)

    var isKnown: Bool { subtracting([.onlyIncreasing, .requiresTouch]).isEmpty }
}
