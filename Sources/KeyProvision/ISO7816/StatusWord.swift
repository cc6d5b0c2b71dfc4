/// The two bytes that end every response (ISO 7816-4, section 5.6). Open: what a word means depends on the applet, so
/// only the protocol in question turns it into a case of `DeviceError`.
public struct StatusWord: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public static let length = 2

    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let ok = StatusWord(rawValue: 0x9000)
    public static let memoryFailure = StatusWord(rawValue: 0x6581)
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    public static let authenticationBlocked = StatusWord(rawValue: 0x6983)
    public static let referencedDataInvalid = StatusWord(rawValue: 0x6984)
    public static let conditionsNotSatisfied = StatusWord(rawValue: 0x6985)
    public static let wrongData = StatusWord(rawValue: 0x6A80)
    public static let functionNotSupported = StatusWord(rawValue: 0x6A81)
    public static let fileNotFound = StatusWord(rawValue: 0x6A82)
    public static let recordNotFound = StatusWord(rawValue: 0x6A83)
    public static let notEnoughMemory = StatusWord(rawValue: 0x6A84)
    public static let incorrectParameters = StatusWord(rawValue: 0x6A86)
    public static let wrongParameters = StatusWord(rawValue: 0x6B00)
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)

    /// `61xx`: more of the response waits to be fetched.
    public var hasMoreData: Bool { rawValue & Self.sw1Mask == Self.bytesRemaining }

    /// Four hexadecimal digits, as the documents write it.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static let sw1Mask: UInt16 = 0xFF00
    private static let bytesRemaining: UInt16 = 0x6100
}
