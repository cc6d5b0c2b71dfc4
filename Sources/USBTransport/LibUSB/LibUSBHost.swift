/// The machine's USB buses, through libusb 1.0.
///
/// Works with libusb from 1.0.16 on. Without a bus, the list of devices is empty. May be shared between threads; the
/// devices it opens may each be used by another thread at the same time.
public final class LibUSBHost: USBHost, Sendable {
    private let context: LibUSBContext
    private let hotplug: LibUSBHotplug

    /// - Throws: the code of libusb during `.start`.
    public init() throws(USBError) {
        context = try LibUSBContext()
        hotplug = LibUSBHotplug(context)
    }

    /// Attached devices in the order of their location, hubs included. A device whose descriptors do not parse is not
    /// in the list.
    public func devices() throws(USBError) -> [USBDeviceDescription] {
        try context.attached().compactMap { $0.describe() }.sorted { $0.location < $1.location }
    }

    /// Opens the device of that location and plug-in.
    ///
    /// - Throws: `.access` without permission. Right after plug-in this may pass: the device is announced when the
    ///   kernel has it, or at the latest when udev has worked through its rules, and an access list for the seat may be
    ///   set after that. `.noDevice` where the device has gone, also when another one is plugged in there by now.
    public func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        let reference = try context.attached().first {
            $0.address == description.address && $0.location == description.location
        }
        guard let reference else { throw USBError(.noDevice, during: .open) }
        return try LibUSBDevice(opening: reference, configuration: description.configuration)
    }

    /// Waits for the next arrival or removal. Devices that are attached at the first call are reported as arrivals.
    /// A device whose descriptors do not parse is not reported.
    ///
    /// - Parameter timeout: zero or less looks without waiting.
    /// - Returns: nil when `timeout` passed without a change.
    /// - Throws: `.notSupported` where libusb cannot tell of changes.
    public func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        try hotplug.next(timeout: timeout)
    }
}
