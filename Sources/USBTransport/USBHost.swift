/// A bus: it knows which devices are attached and opens them. `LibUSBHost` is the real one.
///
/// It may be shared between threads, each of which drives a device of its own.
public protocol USBHost: AnyObject, Sendable {
    /// Attached devices in the order of their location. Needs no permission on the devices.
    func devices() throws(USBError) -> [USBDeviceDescription]

    /// - Throws: `.access` without permission, `.noDevice` or `.notFound` where it has gone.
    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice

    /// Waits for the next arrival or removal. Devices that are attached at the first call are reported as arrivals.
    ///
    /// - Returns: nil when `timeout` passed without one.
    func nextChange(timeout: Duration) throws(USBError) -> USBChange?
}

/// A device that came or went.
public enum USBChange: Hashable, Sendable {
    case arrived(USBDeviceDescription)
    case left(USBDeviceDescription)
}

/// What can be known of an attached device without opening it.
public struct USBDeviceDescription: Hashable, Sendable {
    public let location: USBLocation
    /// Number that the bus gave the device at this plug-in; another one after each.
    public let address: UInt8
    public let device: DeviceDescriptor
    public let configuration: ConfigurationDescriptor

    public init(
        location: USBLocation, address: UInt8, device: DeviceDescriptor, configuration: ConfigurationDescriptor
    ) {
        self.location = location
        self.address = address
        self.device = device
        self.configuration = configuration
    }
}

/// Where a device is plugged in: the one identity that two keys without a serial number do not share.
///
/// Written as the kernel does, `BUS-PORT[.PORT…]`, e.g. `1-2.4`; a root hub, which has no port, as `1-0`.
public struct USBLocation: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let bus: UInt8
    /// Port numbers from the root hub downwards; empty for the root hub itself.
    public let ports: [UInt8]

    public init(bus: UInt8, ports: [UInt8]) {
        self.bus = bus
        self.ports = ports
    }

    /// - Returns: nil where `text` is not what `description` writes.
    public init?(_ text: String) {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count == 2, let bus = UInt8(halves[0]) else { return nil }
        let numbers = halves[1].split(separator: ".", omittingEmptySubsequences: false)
        let ports = numbers.compactMap { UInt8($0) }
        guard ports.count == numbers.count else { return nil }
        self.init(bus: bus, ports: ports == [Self.noPort] ? [] : ports)
        guard description == text else { return nil }  // a sign or a leading zero
    }

    public var description: String {
        "\(bus)-" + (ports.isEmpty ? [Self.noPort] : ports).map(String.init).joined(separator: ".")
    }

    public static func < (left: USBLocation, right: USBLocation) -> Bool {
        left.bus == right.bus
            ? left.ports.lexicographicallyPrecedes(right.ports) : left.bus < right.bus
    }

    /// Ports count from 1 (USB 2.0, section 11.24.2).
    private static let noPort: UInt8 = 0
}
