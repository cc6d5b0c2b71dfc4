import Testing

@testable import USBTransport

/// All that runs in libusb itself, one test after the other: its watch on the kernel is one for the whole process.
@Suite(.serialized) struct LibUSBTests {
    /// On the machine as it is, with or without USB.
    @Suite struct Machine {
        @Test func `the host starts and lists in the order of locations`() throws {
            let locations = try LibUSBHost().devices().map(\.location)
            #expect(locations == locations.sorted())
            #expect(Set(locations).count == locations.count)
        }

        @Test func `a device that is not there cannot be opened`() throws {
            let vector = DescriptorVector.yubiKey
            let nowhere = USBDeviceDescription(
                location: USBLocation(bus: 255, ports: [1, 2, 3, 4, 5, 6, 7]), address: 255,
                device: try DeviceDescriptor(parsing: vector.device),
                configuration: try ConfigurationDescriptor(parsing: vector.configuration))
            let host = try LibUSBHost()
            #expect(throws: USBError(.noDevice, during: .open)) { try host.open(nowhere) }
        }

        @Test func `the first changes are the devices that are there`() throws {
            let host = try LibUSBHost()
            let devices = try host.devices()
            var arrived: [USBDeviceDescription] = []
            while let change = try host.nextChange(timeout: .zero) {
                guard case .arrived(let device) = change else { continue }
                arrived.append(device)
            }
            #expect(arrived.sorted { $0.location < $1.location } == devices)
        }
    }

    @Test(
        arguments: [
            (.zero, 1), (.seconds(-5), 1), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1001), 2),
            (.seconds(1), 1000), (.seconds(15) + .nanoseconds(1), 15001), (.seconds(4_294_967), 4_294_967_000),
            (.seconds(4_294_968), .max), (Duration(secondsComponent: .max, attosecondsComponent: 0), .max),
            (Duration(secondsComponent: .min, attosecondsComponent: 0), 1),
        ] as [(Duration, UInt32)])
    func `timeouts are rounded up and never wait for ever`(duration: Duration, milliseconds: UInt32) {
        #expect(duration.libUSBMilliseconds == milliseconds)
    }

    @Test(
        arguments: [
            (.zero, 0, 0), (.seconds(-5), 0, 0), (.nanoseconds(1), 0, 1), (.milliseconds(2500), 2, 500_000),
            (.nanoseconds(999_999_001), 1, 0),
            (Duration(secondsComponent: .max, attosecondsComponent: 0), Int(UInt32.max), 0),
        ] as [(Duration, Int, Int)])
    func `waiting for a change is rounded up to microseconds`(duration: Duration, seconds: Int, microseconds: Int) {
        #expect(duration.wholeMicroseconds == (seconds, microseconds))
    }

    @Test(arguments: ["1-2", "1-2.4", "255-1.2.3.4.5.6.7", "3-0"])
    func `a location is written as it is read`(text: String) {
        #expect(USBLocation(text)?.description == text)
    }

    @Test(arguments: ["", "1", "1-", "-1", "1-2.", "1-.2", "1-2-3", "256-1", "1-256", "01-2", "+1-2", "1-02", "a-1"])
    func `what is not a location is refused`(text: String) {
        #expect(USBLocation(text) == nil)
    }
}
