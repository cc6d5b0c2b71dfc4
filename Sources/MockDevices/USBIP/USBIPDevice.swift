import ByteBuffers
import USBTransport

/// A device as the list and the reply to an import describe it (kernel documentation, "USB/IP protocol").
///
///       0 256  path                 of the device on the exporting host
///     256  32  busid
///     288   4  busnum
///     292   4  devnum
///     296   4  speed
///     300   2  idVendor
///     302   2  idProduct
///     304   2  bcdDevice
///     306   1  bDeviceClass
///     307   1  bDeviceSubClass
///     308   1  bDeviceProtocol
///     309   1  bConfigurationValue
///     310   1  bNumConfigurations
///     311   1  bNumInterfaces
///
/// In the list, four bytes for each interface follow: class, subclass, protocol, and a zero.
struct USBIPDevice: Hashable {
    static let length = 312
    static let interfaceLength = 4

    var path: String
    var busID: String
    var bus: UInt32
    var address: UInt32
    var speed: USBIPSpeed
    var id: USBID
    var deviceVersion: UInt16
    var deviceClass: UInt8
    var deviceSubclass: UInt8
    var deviceProtocol: UInt8
    var configuration: UInt8
    var configurationCount: UInt8
    var interfaceCount: UInt8

    init(_ descriptors: DescriptorSet, at location: USBLocation, address: UInt8) {
        let device = descriptors.device
        path = Self.bus + "/usb\(location.bus)/\(location)"
        busID = location.description
        (bus, self.address) = (UInt32(location.bus), UInt32(address))
        speed = .full
        (id, deviceVersion) = (device.id, device.deviceVersion)
        (deviceClass, deviceSubclass) = (device.deviceClass, device.deviceSubclass)
        deviceProtocol = device.deviceProtocol
        configuration = descriptors.configuration.value
        configurationCount = device.configurationCount
        interfaceCount = UInt8(truncatingIfNeeded: descriptors.configuration.interfaces.count)
    }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        var reader = ByteReader(bytes)
        path = try USBIPText(parsing: try reader.part(USBIPText.pathLength), at: 0).text
        busID = try USBIPText(parsing: try reader.part(USBIPText.busIDLength), at: USBIPText.pathLength).text
        let numbers = try ByteReader.message(try reader.part(Self.numbersLength)) {
            reader throws(ByteReader.EndOfBytes) in
            (
                (try reader.bigEndian32(), try reader.bigEndian32(), try reader.bigEndian32()),
                (try reader.bigEndian16(), try reader.bigEndian16(), try reader.bigEndian16()),
                (try reader.uint8(), try reader.uint8(), try reader.uint8()),
                (try reader.uint8(), try reader.uint8(), try reader.uint8())
            )
        }
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
        (bus, address, speed) = (numbers.0.0, numbers.0.1, USBIPSpeed(rawValue: numbers.0.2))
        (id, deviceVersion) = (USBID(vendor: numbers.1.0, product: numbers.1.1), numbers.1.2)
        (deviceClass, deviceSubclass, deviceProtocol) = numbers.2
        (configuration, configurationCount, interfaceCount) = numbers.3
    }

    var bytes: [UInt8] {
        let place =
            USBIPText(path, length: USBIPText.pathLength).bytes
            + USBIPText(busID, length: USBIPText.busIDLength).bytes
        let numbers = bigEndianBytes(bus) + bigEndianBytes(address) + bigEndianBytes(speed.rawValue)
        let identity = bigEndianBytes(id.vendor) + bigEndianBytes(id.product) + bigEndianBytes(deviceVersion)
        return place + numbers + identity + [
            deviceClass, deviceSubclass, deviceProtocol, configuration, configurationCount, interfaceCount,
        ]
    }

    /// What submits name the device by: `devid`.
    var deviceID: UInt32 { bus << Self.busShift | address }

    private static let numbersLength = 24
    private static let busShift: UInt32 = 16
    private static let bus = "/sys/devices/virtual/keyprov"
}

/// `enum usb_device_speed` (Linux, include/uapi/linux/usb/ch9.h).
struct USBIPSpeed: RawRepresentable, Hashable {
    let rawValue: UInt32

    static let full = USBIPSpeed(rawValue: 2)
}
