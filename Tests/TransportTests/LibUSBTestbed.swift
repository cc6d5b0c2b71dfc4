import Foundation
import TestSupport

/// A sysfs and a /dev of our making, below the real libusb and udev of this process.
///
/// umockdev redirects file access, netlink and ioctls of a process that was started with its preload library
/// (`umockdev-wrapper`). Its control library is opened at run time, so that the tests build without it.
final class LibUSBTestbed {
    typealias Object = UnsafeMutableRawPointer

    let api: UMockdev
    let object: Object

    init() throws {
        api = try UMockdev()
        object = api.newTestbed()
    }

    deinit { api.unref(object) }

    /// Where a `/sys` or `/dev` path really is.
    func realPath(_ path: String) -> String {
        (ProcessInfo.processInfo.environment["UMOCKDEV_DIR"] ?? "/nowhere") + path
    }

    /// Attaches a device and announces it.
    func plugIn(_ device: Plug) -> Bool {
        guard api.addFromString(object, device.record, nil) != 0 else { return false }
        api.uevent(object, device.systemPath, "add")
        return true
    }

    /// As on a real bus, first the news and then nothing there.
    func unplug(_ device: Plug) {
        api.uevent(object, device.systemPath, "remove")
        api.removeDevice(object, device.systemPath)
    }

    /// A device in a port of bus 1.
    struct Plug {
        let name: String
        let parents: [String]
        let address: UInt8
        let descriptors: [UInt8]
        let vendor: String
        let product: String

        /// - Parameter location: as the kernel writes it; the hubs on the way have to be plugged in before.
        init(_ location: String, address: UInt8, _ vector: DescriptorVector) {
            self.init(location, address: address, device: vector.device, configuration: vector.configuration)
        }

        init(_ location: String, address: UInt8, device: [UInt8], configuration: [UInt8]) {
            name = location
            let ports = location.split(separator: ".")
            parents = ports.indices.dropFirst().map { ports[..<$0].joined(separator: ".") }
            self.address = address
            descriptors = device + configuration
            vendor = hex([device[9], device[8]])
            product = hex([device[11], device[10]])
        }

        var systemPath: String {
            (["/sys/devices/platform/testbed/usb1"] + parents + [name]).joined(separator: "/")
        }

        var node: String { "/dev/bus/usb/001/" + String(format: "%03d", Int(address)) }

        /// In umockdev's format for device descriptions.
        fileprivate var record: String {
            """
            P: \(systemPath.dropFirst("/sys".count))
            N: \(node.dropFirst("/dev/".count))
            E: SUBSYSTEM=usb
            E: DEVTYPE=usb_device
            E: DEVNAME=\(node)
            E: BUSNUM=001
            E: DEVNUM=\(String(format: "%03d", Int(address)))
            E: MAJOR=189
            E: MINOR=\(Int(address) - 1)
            E: PRODUCT=\(vendor)/\(product)/100
            A: busnum=1\\n
            A: devnum=\(address)\\n
            A: speed=12\\n
            A: bConfigurationValue=1\\n
            A: bNumConfigurations=1\\n
            A: idVendor=\(vendor)\\n
            A: idProduct=\(product)\\n
            H: descriptors=\(hex(descriptors))

            """
        }
    }
}
