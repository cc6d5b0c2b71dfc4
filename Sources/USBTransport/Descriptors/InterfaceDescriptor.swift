import ByteBuffers

/// An interface with its class descriptor and endpoints (USB 2.0, section 9.6.5).
///
///     0  1  bLength               9
///     1  1  bDescriptorType       4
///     2  1  bInterfaceNumber
///     3  1  bAlternateSetting
///     4  1  bNumEndpoints
///     5  1  bInterfaceClass
///     6  1  bInterfaceSubClass
///     7  1  bInterfaceProtocol
///     8  1  iInterface
public struct InterfaceDescriptor: Hashable, Sendable {
    public let number: UInt8
    public let alternateSetting: UInt8
    public let interfaceClass: InterfaceClass
    public let interfaceSubclass: UInt8
    public let interfaceProtocol: UInt8
    public let nameIndex: UInt8
    public private(set) var endpoints: [EndpointDescriptor] = []
    /// Present on a CCID interface.
    public private(set) var ccid: CCIDDescriptor?
    /// Present on a HID interface.
    public private(set) var hid: HIDDescriptor?

    init(_ descriptor: inout RawDescriptor) throws(DescriptorError) {
        let fields = try descriptor.fields(.interface) { body throws(ByteReader.EndOfBytes) in
            let (number, alternate) = (try body.uint8(), try body.uint8())
            _ = try body.uint8()  // bNumEndpoints: the set itself tells
            return (number, alternate, try body.uint8(), try body.uint8(), try body.uint8(), try body.uint8())
        }
        (number, alternateSetting) = (fields.0, fields.1)
        interfaceClass = InterfaceClass(rawValue: fields.2)
        (interfaceSubclass, interfaceProtocol, nameIndex) = (fields.3, fields.4, fields.5)
    }

    /// Takes in a descriptor that follows the interface descriptor. Types that we do not drive are passed over.
    mutating func add(_ descriptor: inout RawDescriptor) throws(DescriptorError) {
        switch (descriptor.type, interfaceClass) {
        case (.endpoint, _): endpoints.append(try EndpointDescriptor(&descriptor))
        case (.functional, .smartCard): ccid = try CCIDDescriptor(&descriptor)
        case (.functional, .hid): hid = try HIDDescriptor(&descriptor)
        default: break
        }
    }

    /// The first endpoint of that kind and direction.
    public func endpoint(_ kind: EndpointDescriptor.Kind, in direction: EndpointDescriptor.Direction)
        -> EndpointDescriptor?
    {
        endpoints.first { $0.kind == kind && $0.direction == direction }
    }
}

/// `bInterfaceClass` (USB-IF, Defined Class Codes).
public struct InterfaceClass: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let hid = InterfaceClass(rawValue: 0x03)
    public static let smartCard = InterfaceClass(rawValue: 0x0B)
    public static let vendorSpecific = InterfaceClass(rawValue: 0xFF)
}

/// An endpoint (USB 2.0, section 9.6.6).
///
///     0  1  bLength            7
///     1  1  bDescriptorType    5
///     2  1  bEndpointAddress   bit 7 direction (1 = IN), bits 3..0 number
///     3  1  bmAttributes       bits 1..0 transfer type
///     4  2  wMaxPacketSize     little-endian; bits 10..0 size in bytes
///     6  1  bInterval
public struct EndpointDescriptor: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable {
        case control, isochronous, bulk, interrupt
    }

    public enum Direction: Hashable, Sendable {
        case `in`, out
    }

    public let address: UInt8
    public let kind: Kind
    /// In bytes.
    public let maxPacketSize: Int
    public let interval: UInt8

    public var direction: Direction { address & Self.directionIn == 0 ? .out : .in }

    init(_ descriptor: inout RawDescriptor) throws(DescriptorError) {
        let fields = try descriptor.fields(.endpoint) { body throws(ByteReader.EndOfBytes) in
            (try body.uint8(), try body.uint8(), try body.littleEndian16(), try body.uint8())
        }
        address = fields.0
        kind = Kind(rawValue: fields.1 & Self.kindMask) ?? .control
        maxPacketSize = Int(fields.2 & Self.packetSizeMask)
        interval = fields.3
    }

    static let directionIn: UInt8 = 0x80
    static let kindMask: UInt8 = 0x03
    static let packetSizeMask: UInt16 = 0x07FF
}
