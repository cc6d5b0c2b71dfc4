public import USBTransport

/// What a virtual device says of itself, before it is laid out as descriptor bytes (USB 2.0, section 9.6; HID 1.11,
/// section 6.2.1; CCID 1.1, section 5.1: the layouts are drawn at the parsers in USBTransport).
public struct DescriptorPlan: Hashable, Sendable {
    public enum Function: Hashable, Sendable {
        case hid(report: [UInt8], version: UInt16)
        case ccid(CCIDProfile)
        /// Without descriptors of a class.
        case vendor
    }

    public struct Interface: Hashable, Sendable {
        public var function: Function
        public var subclass: UInt8 = 0
        public var protocolCode: UInt8 = 0
        public var endpoints: [Endpoint]

        public init(_ function: Function, subclass: UInt8 = 0, protocolCode: UInt8 = 0, endpoints: [Endpoint]) {
            (self.function, self.subclass, self.protocolCode) = (function, subclass, protocolCode)
            self.endpoints = endpoints
        }
    }

    public struct Endpoint: Hashable, Sendable {
        public var address: UInt8
        public var kind: EndpointDescriptor.Kind
        public var packetSize: UInt16
        public var interval: UInt8

        public init(_ address: UInt8, _ kind: EndpointDescriptor.Kind, packetSize: UInt16 = 64, interval: UInt8 = 0) {
            (self.address, self.kind, self.packetSize, self.interval) = (address, kind, packetSize, interval)
        }
    }

    public var id: USBID
    /// `bcdDevice`
    public var deviceVersion: UInt16
    public var manufacturer: String
    public var product: String
    /// In the order of their numbers, from 0.
    public var interfaces: [Interface]
    /// Each device has a string of its own then, see `DescriptorSet.with(serialNumber:)`.
    public var hasSerialNumber = false

    public init(
        id: USBID, deviceVersion: UInt16, manufacturer: String, product: String, interfaces: [Interface]
    ) {
        (self.id, self.deviceVersion) = (id, deviceVersion)
        (self.manufacturer, self.product, self.interfaces) = (manufacturer, product, interfaces)
    }

    public func descriptors() throws(DescriptorError) -> DescriptorSet {
        var reports: [UInt8: [UInt8]] = [:]
        for (number, interface) in interfaces.enumerated() {
            if case .hid(let report, _) = interface.function { reports[UInt8(truncatingIfNeeded: number)] = report }
        }
        return try DescriptorSet(
            device: deviceBytes, configuration: configurationBytes, strings: [1: manufacturer, 2: product],
            reports: reports)
    }

    private var deviceBytes: [UInt8] {
        let ids = littleEndianBytes(id.vendor) + littleEndianBytes(id.product) + littleEndianBytes(deviceVersion)
        return descriptor(
            DescriptorCode.device,
            littleEndianBytes(Self.usb2) + [0, 0, 0, Self.controlPacketSize] + ids + [
                1, 2, hasSerialNumber ? DescriptorSet.serialIndex : 0, 1,
            ])
    }

    private var configurationBytes: [UInt8] {
        let set = interfaces.enumerated().flatMap { number, interface in
            interfaceBytes(UInt8(truncatingIfNeeded: number), interface)
        }
        let total = UInt16(truncatingIfNeeded: set.count + Self.configurationLength)
        let count = UInt8(truncatingIfNeeded: interfaces.count)
        return descriptor(
            DescriptorCode.configuration,
            littleEndianBytes(total) + [count, 1, 0, Self.busPowered, Self.thirtyMilliamperes]) + set
    }

    private func interfaceBytes(_ number: UInt8, _ interface: Interface) -> [UInt8] {
        let (classCode, classBytes) =
            switch interface.function {
            case .hid(let report, let version):
                (
                    InterfaceClass.hid,
                    descriptor(
                        DescriptorCode.functional,
                        littleEndianBytes(version) + [0, 1, DescriptorCode.report]
                            + littleEndianBytes(UInt16(truncatingIfNeeded: report.count)))
                )
            case .ccid(let profile): (InterfaceClass.smartCard, ccidBytes(profile))
            case .vendor: (InterfaceClass.vendorSpecific, [])
            }
        let endpointCount = UInt8(truncatingIfNeeded: interface.endpoints.count)
        let head = [
            number, 0, endpointCount, classCode.rawValue, interface.subclass, interface.protocolCode, 0,
        ]
        return descriptor(DescriptorCode.interface, head) + classBytes
            + interface.endpoints.flatMap { endpoint in
                descriptor(
                    DescriptorCode.endpoint,
                    [endpoint.address, endpoint.kind.rawValue] + littleEndianBytes(endpoint.packetSize)
                        + [endpoint.interval])
            }
    }

    private func ccidBytes(_ profile: CCIDProfile) -> [UInt8] {
        let clock = littleEndianBytes(Self.clockKilohertz)
        let rate = littleEndianBytes(Self.dataRate)
        let rates = clock + clock + [0] + rate + rate + [0]
        let limits = littleEndianBytes(UInt32(truncatingIfNeeded: profile.maxIFSD)) + [UInt8](repeating: 0, count: 8)
        let exchange =
            littleEndianBytes(profile.features)
            + littleEndianBytes(UInt32(truncatingIfNeeded: profile.maxMessageLength))
        return descriptor(
            DescriptorCode.functional,
            littleEndianBytes(profile.version) + [0, Self.allVoltages] + littleEndianBytes(profile.protocols) + rates
                + limits + exchange + [Self.echoesClass, Self.echoesClass, 0, 0, 0, 1])
    }

    private func descriptor(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: body.count + 2), type] + body
    }

    private static let usb2: UInt16 = 0x0200
    private static let controlPacketSize: UInt8 = 64
    private static let configurationLength = 9
    private static let busPowered: UInt8 = 0x80
    /// In units of 2 mA.
    private static let thirtyMilliamperes: UInt8 = 15
    /// 5 V, 3 V and 1.8 V.
    private static let allVoltages: UInt8 = 0x07
    private static let clockKilohertz: UInt32 = 4000
    private static let dataRate: UInt32 = 307_200
    private static let echoesClass: UInt8 = 0xFF
}
