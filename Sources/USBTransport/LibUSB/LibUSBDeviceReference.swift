import CLibUSB

/// A counted reference to a device that libusb knows, open or not. It outlasts the device's unplugging.
///
/// Unchecked, because libusb counts references under a lock and never changes what is read here.
@safe final class LibUSBDeviceReference: @unchecked Sendable {
    let pointer: OpaquePointer
    let context: LibUSBContext

    init(retaining device: OpaquePointer, of context: LibUSBContext) {
        unsafe pointer = libusb_ref_device(device)
        self.context = context
    }

    deinit { unsafe libusb_unref_device(pointer) }

    /// The same for all references to one plug-in of a device, and for no other device while one of them lives.
    var identity: UInt { UInt(bitPattern: unsafe pointer) }

    var address: UInt8 { unsafe libusb_get_device_address(pointer) }

    var location: USBLocation {
        let ports = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.maximumDepth) { buffer in
            // Fails only for a path deeper than USB allows.
            let count = unsafe libusb_get_port_numbers(pointer, buffer.baseAddress, Int32(buffer.count))
            return unsafe [UInt8](buffer.prefix(Int(max(count, 0))))
        }
        return USBLocation(bus: unsafe libusb_get_bus_number(pointer), ports: ports)
    }

    /// Everything that is known without opening the device.
    ///
    /// - Returns: nil where the device has no descriptors that parse, so that one odd device hides no other.
    func describe() -> USBDeviceDescription? {
        guard let device = try? DeviceDescriptor(parsing: deviceDescriptor),
            let bytes = configurationDescriptors,
            let configuration = try? ConfigurationDescriptor(parsing: bytes)
        else { return nil }
        return USBDeviceDescription(
            location: location, address: address, device: device, configuration: configuration)
    }

    var deviceDescriptor: [UInt8] {
        var descriptor = libusb_device_descriptor()
        _ = unsafe libusb_get_device_descriptor(pointer, &descriptor)  // succeeds always since 1.0.16
        return LibUSBDescriptors.bytes(of: descriptor)
    }

    /// The set of the active configuration. In the moment after plug-in the kernel may not have chosen one yet; then
    /// the first, which is what it chooses.
    var configurationDescriptors: [UInt8]? {
        var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
        var result = unsafe libusb_get_active_config_descriptor(pointer, &configuration)
        if result < 0 { result = unsafe libusb_get_config_descriptor(pointer, 0, &configuration) }
        guard result == 0, let configuration = unsafe configuration else { return nil }
        defer { unsafe libusb_free_config_descriptor(configuration) }
        return unsafe LibUSBDescriptors.bytes(of: configuration.pointee)
    }

    /// Hubs in a row and the device (USB 2.0, section 4.1.1: seven tiers, the root among them).
    private static let maximumDepth = 7
}
