import ByteBuffers

/// The standard device descriptor (USB 2.0, section 9.6.1).
///
///      0  1  bLength             18
///      1  1  bDescriptorType     1
///      2  2  bcdUSB              little-endian, as all below
///      4  1  bDeviceClass
///      5  1  bDeviceSubClass
///      6  1  bDeviceProtocol
///      7  1  bMaxPacketSize0
///      8  2  idVendor
///     10  2  idProduct
///     12  2  bcdDevice           carries a YubiKey's firmware version
///     14  1  iManufacturer       string index, 0 for none, as below
///     15  1  iProduct
///     16  1  iSerialNumber
///     17  1  bNumConfigurations
public struct DeviceDescriptor: Hashable, Sendable {
    public let usbVersion: UInt16
    public let deviceClass: UInt8
    public let deviceSubclass: UInt8
    public let deviceProtocol: UInt8
    public let maxPacketSize0: UInt8
    public let id: USBID
    public let deviceVersion: UInt16
    public let manufacturerIndex: UInt8
    public let productIndex: UInt8
    public let serialIndex: UInt8
    public let configurationCount: UInt8

    public init(parsing bytes: [UInt8]) throws(DescriptorError) {
        var reader = ByteReader(bytes)
        var descriptor = try RawDescriptor(from: &reader)
        self = try descriptor.fields(.device) { body throws(ByteReader.EndOfBytes) in
            try DeviceDescriptor(body: &body)
        }
        guard reader.isAtEnd else { throw DescriptorError(.misplaced(reader.next ?? 0), at: reader.offset) }
    }

    private init(body: inout ByteReader) throws(ByteReader.EndOfBytes) {
        usbVersion = try body.littleEndian16()
        deviceClass = try body.uint8()
        deviceSubclass = try body.uint8()
        deviceProtocol = try body.uint8()
        maxPacketSize0 = try body.uint8()
        id = USBID(vendor: try body.littleEndian16(), product: try body.littleEndian16())
        deviceVersion = try body.littleEndian16()
        manufacturerIndex = try body.uint8()
        productIndex = try body.uint8()
        serialIndex = try body.uint8()
        configurationCount = try body.uint8()
    }
}

/// Vendor and product id; written as `lsusb` does, `1050:0407`.
public struct USBID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let vendor: UInt16
    public let product: UInt16

    public init(vendor: UInt16, product: UInt16) {
        self.vendor = vendor
        self.product = product
    }

    public var description: String { Self.hex(vendor) + ":" + Self.hex(product) }

    public static func < (left: USBID, right: USBID) -> Bool {
        (left.vendor, left.product) < (right.vendor, right.product)
    }

    /// Four hexadecimal digits in lower case, as udev's `ATTR{idVendor}` has them.
    public static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
