public import ByteBuffers

/// Feature reports over control transfers (HID 1.11, sections 7.2.1 and 7.2.2).
///
///     SET_REPORT  bmRequestType 21  bRequest 09  wValue 03 ii  wIndex interface  wLength of the report
///     GET_REPORT  bmRequestType A1  bRequest 01  wValue 03 ii  wIndex interface  wLength of the report
///
/// `ii` is the report id, 0 here. The interface has to be claimed: Linux lets no class request to an interface pass
/// while its own HID driver is bound, and a claim detaches that driver until `close`. A keyboard types nothing meanwhile.
public final class HIDFeatureConnection: ReportConnection {
    /// A function among the HID interfaces of a device.
    public struct Function: Hashable, Sendable {
        /// nil for whichever has the report.
        public let usage: HIDUsage?
        /// In bytes.
        public let featureLength: Int
        /// `bInterfaceSubClass` and `bInterfaceProtocol`; interfaces with others are left to their driver.
        public let subclass: UInt8
        public let protocolCode: UInt8

        public init(usage: HIDUsage?, featureLength: Int, subclass: UInt8, protocolCode: UInt8) {
            self.usage = usage
            self.featureLength = featureLength
            self.subclass = subclass
            self.protocolCode = protocolCode
        }

        /// A boot keyboard (HID 1.11, sections 4.2 and 4.3) with a feature report beside its keys.
        public static func bootKeyboard(featureLength: Int) -> Function {
            Function(usage: .keyboard, featureLength: featureLength, subclass: 1, protocolCode: 1)
        }

        fileprivate func matches(_ interface: InterfaceDescriptor) -> Bool {
            interface.interfaceSubclass == subclass && interface.interfaceProtocol == protocolCode
        }
    }

    public let reportLength: Int

    private let device: any USBDevice
    private let interface: UInt8
    private var isOpen = true

    /// Claims the interface of an opened device whose report descriptor has the function.
    ///
    /// The device is closed again when this throws.
    public init(
        device: any USBDevice, configuration: ConfigurationDescriptor, function: Function
    ) throws(ConnectionError) {
        self.device = device
        reportLength = function.featureLength
        do throws(ConnectionError) {
            interface = try device.claimHIDInterface(of: configuration, matching: function.matches) { descriptor in
                descriptor.applications.contains { application in
                    application.usage == function.usage ?? application.usage
                        && descriptor.reportLength(.feature, of: application.usage) == function.featureLength
                }
            }.number
        } catch {
            device.close()
            throw error
        }
    }

    deinit { close() }

    public func receive() throws(ConnectionError) -> [UInt8] {
        let setup = setup(HIDRequest.getReport, ControlSetup.interfaceClassIn)
        let report = try ConnectionError.wrapping { () throws(USBError) in
            try device.control(setup, data: RawSpan(), timeout: Self.timeout)
        }
        guard report.count == reportLength else { throw .malformed(.truncated) }
        return report
    }

    public func send(_ report: WipedBuffer) throws(ConnectionError) {
        let setup = setup(HIDRequest.setReport, ControlSetup.interfaceClassOut)
        _ = try ConnectionError.wrapping { () throws(USBError) in
            try report.withBytes { bytes throws(USBError) in
                try device.control(setup, data: bytes, timeout: Self.timeout)
            }
        }
    }

    public func pause(for duration: Duration) { device.pause(for: duration) }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        device.close()
    }

    private func setup(_ request: UInt8, _ type: UInt8) -> ControlSetup {
        ControlSetup(
            requestType: type, request: request, value: UInt16(HIDReportKind.feature.rawValue) << 8,
            index: UInt16(interface), length: UInt16(clamping: reportLength))
    }

    /// What Yubico's personalization tool takes (ykcore_libusb-1.0.c).
    private static let timeout: Duration = .seconds(1)
}

extension InterfaceDescriptor {
    /// A keyboard that also works before there is a driver for it (HID 1.11, sections 4.2 and 4.3).
    public var isBootKeyboard: Bool {
        interfaceClass == .hid && interfaceSubclass == 1 && interfaceProtocol == 1
    }
}

/// `bRequest` (HID 1.11, section 7.2).
private enum HIDRequest {
    static let getReport: UInt8 = 0x01
    static let setReport: UInt8 = 0x09
}

extension ControlSetup {
    /// `bmRequestType` of requests to an interface.
    fileprivate static let interfaceClassIn: UInt8 = 0xA1
    fileprivate static let interfaceClassOut: UInt8 = 0x21
}
