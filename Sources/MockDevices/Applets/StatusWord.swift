/// The two bytes that end every answer (ISO/IEC 7816-4, section 5.6; YKOATH protocol, "Response codes"). An applet
/// throws one to refuse a command.
struct StatusWord: RawRepresentable, Hashable, Sendable, Error {
    let rawValue: UInt16

    static let success = StatusWord(rawValue: 0x9000)
    static let memoryFailure = StatusWord(rawValue: 0x6581)
    /// The buffer that reader and vendor requests share is in use.
    static let bufferInUse = StatusWord(rawValue: 0x6400)
    static let wrongLength = StatusWord(rawValue: 0x6700)
    static let lastOfChainExpected = StatusWord(rawValue: 0x6883)
    /// Locked, or not touched in time.
    static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    static let authenticationBlocked = StatusWord(rawValue: 0x6983)
    /// No such object; SET CODE with a wrong response; VALIDATE without a code.
    static let noSuchObject = StatusWord(rawValue: 0x6984)
    static let conditionsNotSatisfied = StatusWord(rawValue: 0x6985)
    static let wrongData = StatusWord(rawValue: 0x6A80)
    static let applicationNotFound = StatusWord(rawValue: 0x6A82)
    static let noSpace = StatusWord(rawValue: 0x6A84)
    static let incorrectP1P2 = StatusWord(rawValue: 0x6A86)
    static let wrongP1P2 = StatusWord(rawValue: 0x6B00)
    static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    static let classNotSupported = StatusWord(rawValue: 0x6E00)
    static let internalError = StatusWord(rawValue: 0x6F00)

    /// 61xx: `count` more bytes wait, 255 standing for that many or more.
    static func moreData(_ count: Int) -> StatusWord {
        StatusWord(rawValue: moreDataBase | UInt16(min(max(count, 0), Int(UInt8.max))))
    }

    /// 63Cx: a wrong PIN.
    static func triesLeft(_ count: Int) -> StatusWord {
        StatusWord(rawValue: triesLeftBase | UInt16(min(max(count, 0), mostTries)))
    }

    var bytes: [UInt8] { bigEndianBytes(rawValue) }

    private static let moreDataBase: UInt16 = 0x6100
    private static let mostTries = 0xF
    private static let triesLeftBase: UInt16 = 0x63C0
}
