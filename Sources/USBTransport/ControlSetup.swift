/// The setup packet of a control transfer (USB 2.0, section 9.3).
///
///     0  1  bmRequestType   bit 7 direction (1 = IN), bits 6..5 type, bits 4..0 recipient
///     1  1  bRequest
///     2  2  wValue          little-endian
///     4  2  wIndex          little-endian
///     6  2  wLength         little-endian; bytes in the data stage
public struct ControlSetup: Hashable, Sendable {
    public var requestType: UInt8
    public var request: UInt8
    public var value: UInt16
    public var index: UInt16
    public var length: UInt16

    public init(requestType: UInt8, request: UInt8, value: UInt16, index: UInt16, length: UInt16) {
        self.requestType = requestType
        self.request = request
        self.value = value
        self.index = index
        self.length = length
    }

    public var isIn: Bool { requestType & Self.directionIn != 0 }
    public var kind: Kind { Kind(rawValue: requestType & Self.kindMask) }
    public var recipient: Recipient { Recipient(rawValue: requestType & Self.recipientMask) }

    public struct Kind: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let standard = Kind(rawValue: 0x00)
        public static let `class` = Kind(rawValue: 0x20)
        public static let vendor = Kind(rawValue: 0x40)
    }

    public struct Recipient: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let device = Recipient(rawValue: 0)
        public static let interface = Recipient(rawValue: 1)
        public static let endpoint = Recipient(rawValue: 2)
    }

    static let directionIn: UInt8 = 0x80
    static let kindMask: UInt8 = 0x60
    static let recipientMask: UInt8 = 0x1F
}
