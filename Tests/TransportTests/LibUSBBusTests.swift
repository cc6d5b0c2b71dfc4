import Foundation
import Testing

@testable import USBTransport

extension LibUSBTests {
    /// The real libusb on a bus of our making.
    @Suite(.enabled(if: UMockdev.isLoaded, "runs below umockdev-wrapper (Debian package umockdev)"))
    struct Bus {
        private let testbed: LibUSBTestbed

        init() throws { testbed = try LibUSBTestbed() }

        @Test func `an empty bus gives an empty list`() throws {
            #expect(try LibUSBHost().devices() == [])
        }

        @Test(arguments: DescriptorVector.all)
        func `a device is described without being opened`(vector: DescriptorVector) throws {
            let plug = LibUSBTestbed.Plug("1-3", address: 7, vector)
            #expect(testbed.plugIn(plug))
            try FileManager.default.removeItem(atPath: testbed.realPath(plug.node))
            let device = try #require(try LibUSBHost().devices().first)
            #expect(device.location == USBLocation(bus: 1, ports: [3]))
            #expect(device.address == 7)
            #expect(device.device == (try DeviceDescriptor(parsing: vector.device)))
            #expect(device.configuration == (try ConfigurationDescriptor(parsing: vector.configuration)))
        }

        @Test(arguments: DescriptorVector.all)
        func `the descriptors are rebuilt byte by byte`(vector: DescriptorVector) throws {
            #expect(testbed.plugIn(LibUSBTestbed.Plug("1-3", address: 7, vector)))
            let reference = try #require(try LibUSBContext().attached().first)
            #expect(reference.deviceDescriptor == vector.device)
            #expect(reference.configurationDescriptors == vector.configuration)
        }

        @Test func `devices come in the order of their ports, through hubs`() throws {
            for (location, address) in [("1-3", 2), ("1-2", 9), ("1-2.4", 3), ("1-2.4.1", 11), ("1-10", 4)] {
                #expect(testbed.plugIn(LibUSBTestbed.Plug(location, address: UInt8(address), .canoKey)), "\(location)")
            }
            let devices = try LibUSBHost().devices()
            #expect(devices.map(\.location.description) == ["1-2", "1-2.4", "1-2.4.1", "1-3", "1-10"])
            #expect(devices.map(\.address) == [9, 3, 11, 2, 4])
        }

        @Test func `a device that describes itself badly hides no other`() throws {
            let (good, device) = (DescriptorVector.canoKey, DescriptorVector.canoKey.device)
            var unparsable = good.configuration
            unparsable[24] = 0x23  // the HID descriptor names no report descriptor
            for (address, configuration) in [(2, unparsable), (3, Array(good.configuration[..<5])), (4, [])] {
                #expect(
                    testbed.plugIn(
                        .init("1-\(address)", address: UInt8(address), device: device, configuration: configuration)))
            }
            #expect(testbed.plugIn(.init("1-5", address: 5, good)))
            #expect(try LibUSBHost().devices().map(\.location.description) == ["1-5"])
        }

        @Test func `without permission a device cannot be opened`() throws {
            #expect(testbed.plugIn(.init("1-2", address: 2, .yubiKey)))
            let host = try LibUSBHost()
            let device = try #require(try host.devices().first)
            try withoutPermissions {
                #expect(throws: USBError(.access, during: .open)) { try host.open(device) }
            }
        }

        @Test func `a device that has gone cannot be opened`() throws {
            let plug = LibUSBTestbed.Plug("1-2", address: 2, .yubiKey)
            #expect(testbed.plugIn(plug))
            let host = try LibUSBHost()
            let device = try #require(try host.devices().first)
            testbed.unplug(plug)
            #expect(testbed.plugIn(.init("1-2", address: 3, .yubiKey)))
            #expect(throws: USBError(.noDevice, during: .open)) { try host.open(device) }
        }

        @Test func `plugging in and out is told in order, first what is there`() throws {
            let (first, second) = (
                LibUSBTestbed.Plug("1-2", address: 2, .yubiKey), LibUSBTestbed.Plug("1-3", address: 3, .canoKey)
            )
            #expect(testbed.plugIn(first))
            let host = try LibUSBHost()
            let yubiKey = try #require(try host.devices().first)
            #expect(try host.nextChange(timeout: .zero) == .arrived(yubiKey))
            #expect(try host.nextChange(timeout: .zero) == nil)

            #expect(testbed.plugIn(second))
            guard case .arrived(let canoKey)? = try host.nextChange(timeout: .seconds(10)) else {
                Issue.record("no arrival")
                return
            }
            #expect(canoKey.location.description == "1-3")
            #expect(try Set(host.devices()) == [yubiKey, canoKey])

            testbed.unplug(first)
            #expect(try host.nextChange(timeout: .seconds(10)) == .left(yubiKey))
            #expect(try host.devices() == [canoKey])

            #expect(testbed.plugIn(.init("1-2", address: 4, .yubiKey)))
            guard case .arrived(let again)? = try host.nextChange(timeout: .seconds(10)) else {
                Issue.record("no second arrival")
                return
            }
            #expect(again.location == yubiKey.location)
            #expect(again.address == 4)
            #expect(try host.nextChange(timeout: .milliseconds(20)) == nil)
        }

        @Test func `a device that describes itself badly comes and goes unseen`() throws {
            let host = try LibUSBHost()
            #expect(try host.nextChange(timeout: .zero) == nil)
            let odd = LibUSBTestbed.Plug("1-2", address: 2, device: DescriptorVector.canoKey.device, configuration: [])
            let good = LibUSBTestbed.Plug("1-3", address: 3, .canoKey)
            #expect(testbed.plugIn(odd))
            testbed.unplug(odd)
            #expect(testbed.plugIn(good))
            guard case .arrived(let device)? = try host.nextChange(timeout: .seconds(10)) else {
                Issue.record("no arrival")
                return
            }
            #expect(device.address == 3)
        }

        /// Runs `body` where no file below the testbed's bus may be opened. For root that takes another user for file
        /// access, which the kernel keeps per thread, so that no other test notices.
        private func withoutPermissions(_ body: () throws -> Void) throws {
            typealias SetUser = @convention(c) (UInt32) -> Int32
            let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
            let nobody: UInt32 = 65534
            let bus = testbed.realPath("/dev/bus/usb/001/")
            for node in try FileManager.default.contentsOfDirectory(atPath: bus) { chmod(bus + node, 0) }
            // The way to umockdev itself stays open.
            for path in try ["", "/ioctl"]
                + FileManager.default.subpathsOfDirectory(atPath: testbed.realPath("/ioctl"))
                .map({ "/ioctl/" + $0 })
            {
                chmod(testbed.realPath(path), 0o777)
            }
            if geteuid() == 0 { _ = setUser(nobody) }
            defer { if geteuid() == 0 { _ = setUser(0) } }
            try body()
        }
    }
}
