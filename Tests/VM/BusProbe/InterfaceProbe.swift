import ByteBuffers
import USBTransport

/// Claims an interface that a kernel driver has, reads a feature report over it as a driver would, waits for a line on
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
        let report = try device.control(Self.getReport(interface), data: RawSpan(), timeout: .seconds(3))
        BusProbe.say("claimed, report of \(report.count) bytes")
        _ = readLine()
    }

    /// GET_REPORT of the feature report without a number (HID 1.11, section 7.2.1).
    private static func getReport(_ interface: UInt8) -> ControlSetup {
        ControlSetup(
            requestType: inClassInterface, request: getReportRequest, value: featureReport, index: UInt16(interface),
            length: reportLength)
    }

    private static let inClassInterface: UInt8 = 0xA1
    private static let getReportRequest: UInt8 = 0x01
    private static let featureReport: UInt16 = 0x0300
    private static let reportLength: UInt16 = 8
}
