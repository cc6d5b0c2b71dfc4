import USBTransport

/// A device that a connection may try: it is closed by it only after it was given for good. For keys that have a second
/// interface to try when the first is held by somebody else.
final class LentDevice: USBDevice {
    private let device: any USBDevice
    private var isGiven = false

    init(_ device: any USBDevice) { self.device = device }

    func give() { isGiven = true }

    func claimInterface(_ number: UInt8) throws(USBError) { try device.claimInterface(number) }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try device.control(setup, data: data, timeout: timeout)
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        try device.write(bytes, to: endpoint, timeout: timeout)
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try device.read(upTo: count, from: endpoint, timeout: timeout)
    }

    func pause(for duration: Duration) { device.pause(for: duration) }

    func close() {
        if isGiven { device.close() }
    }
}
