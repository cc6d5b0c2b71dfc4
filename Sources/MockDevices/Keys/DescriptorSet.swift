public import USBTransport

/// All descriptors of a virtual device, as bytes. What the rest of the target knows of interfaces and endpoints it
/// reads out of these bytes with the parsers that read a real device's, so there is one truth.
public struct DescriptorSet: Hashable, Sendable {
    public let deviceBytes: [UInt8]
    /// The whole set: configuration, interface, class and endpoint descriptors.
    public let configurationBytes: [UInt8]
    /// By string index, from 1.
    public private(set) var strings: [UInt8: String]
    /// HID report descriptors by interface number.
    public let reportBytes: [UInt8: [UInt8]]
    public let device: DeviceDescriptor
    public let configuration: ConfigurationDescriptor

    public init(
        device: [UInt8], configuration: [UInt8], strings: [UInt8: String], reports: [UInt8: [UInt8]]
    ) throws(DescriptorError) {
        self.device = try DeviceDescriptor(parsing: device)
        self.configuration = try ConfigurationDescriptor(parsing: configuration)
        (deviceBytes, configurationBytes) = (device, configuration)
        (self.strings, reportBytes) = (strings, reports)
    }

    /// The same, of a device with that `iSerialNumber`.
    func with(serialNumber: String) -> DescriptorSet {
        var set = self
        set.strings[Self.serialIndex] = serialNumber
        return set
    }

    /// Strings 1 and 2 are those of maker and product.
    static let serialIndex: UInt8 = 3

    /// The string descriptor (USB 2.0, section 9.6.7) at `index`; index 0 is the table of languages, which holds
    /// English alone.
    ///
    /// - Returns: nil where there is no such string or it is longer than a descriptor can be.
    public func stringBytes(at index: UInt8) -> [UInt8]? {
        let body: [UInt8]
        if index == 0 {
            body = littleEndianBytes(Self.englishUS)
        } else {
            guard let text = strings[index] else { return nil }
            body = text.utf16.flatMap { littleEndianBytes($0) }
        }
        guard let length = UInt8(exactly: body.count + 2) else { return nil }
        return [length, DescriptorCode.string] + body
    }

    func interface(_ number: UInt8) -> InterfaceDescriptor? {
        configuration.interfaces.first { $0.number == number }
    }

    func endpoint(_ address: UInt8) -> (interface: InterfaceDescriptor, endpoint: EndpointDescriptor)? {
        for interface in configuration.interfaces {
            if let endpoint = interface.endpoints.first(where: { $0.address == address }) {
                return (interface, endpoint)
            }
        }
        return nil
    }

    /// Language id of the USB language table.
    private static let englishUS: UInt16 = 0x0409
}

/// `bDescriptorType` (USB 2.0, table 9-5; HID 1.11, section 7.1; CCID 1.1, section 5.1).
enum DescriptorCode {
    static let device: UInt8 = 1
    static let configuration: UInt8 = 2
    static let string: UInt8 = 3
    static let interface: UInt8 = 4
    static let endpoint: UInt8 = 5
    static let functional: UInt8 = 0x21
    static let report: UInt8 = 0x22
}
