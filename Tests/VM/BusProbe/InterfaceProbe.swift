import ByteBuffers
import USBTransport

/// Claims an interface that a kernel driver has, reads its report descriptor as a driver would, waits for a line on
/// standard input, and closes the device.
struct InterfaceProbe {
    let location: USBLocation
    let interface: UInt8

    init(location: String, interface: String) throws {
        guard let location = USBLocation(location), let interface = UInt8(interface) else {
            throw ProbeFailure("no such interface")
        }
        (self.location, self.interface) = (location, interface)
    }

    func run() throws {
        let host = try LibUSBHost()
        guard let key = try host.devices().first(where: { $0.location == location }) else {
            throw ProbeFailure("no device at \(location)")
        }
        let device = try host.open(key)
        defer { device.close() }
        try device.claimInterface(interface)
        let report = try device.control(Self.getReportDescriptor(interface), data: RawSpan(), timeout: .seconds(3))
        BusProbe.say("claimed, report descriptor of \(report.count) bytes")
        _ = readLine()
    }

    /// GET_DESCRIPTOR of the interface (HID 1.11, section 7.1.1).
    private static func getReportDescriptor(_ interface: UInt8) -> ControlSetup {
        ControlSetup(
            requestType: inStandardInterface, request: getDescriptor, value: reportDescriptor,
            index: UInt16(interface), length: longestDescriptor)
    }

    private static let inStandardInterface: UInt8 = 0x81
    private static let getDescriptor: UInt8 = 0x06
    private static let reportDescriptor: UInt16 = 0x2200
    private static let longestDescriptor: UInt16 = 4096
}
