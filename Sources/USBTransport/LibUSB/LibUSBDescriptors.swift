import CLibUSB

/// Turns libusb's parsed descriptors back into the bytes that the device sent.
///
/// libusb gives out the raw bytes of a device that is not open in no way. The kernel's copy in sysfs would be one, but
/// it exists on Linux only and belongs to whatever is plugged in there at the time of reading, while libusb's belongs
/// to the device in hand. libusb keeps what it does not parse, in order, in the `extra` bytes behind each descriptor,
/// so nothing that our own parser reads is lost. Not kept are bytes of a standard descriptor beyond the fields of its
/// layout, and what follows a descriptor that runs over the end of the set.
enum LibUSBDescriptors {
    static func bytes(of device: libusb_device_descriptor) -> [UInt8] {
        var bytes = [device.bLength, device.bDescriptorType]
        bytes.append(littleEndian: device.bcdUSB)
        bytes += [device.bDeviceClass, device.bDeviceSubClass, device.bDeviceProtocol, device.bMaxPacketSize0]
        bytes.append(littleEndian: device.idVendor)
        bytes.append(littleEndian: device.idProduct)
        bytes.append(littleEndian: device.bcdDevice)
        bytes += [device.iManufacturer, device.iProduct, device.iSerialNumber, device.bNumConfigurations]
        return bytes
    }

    static func bytes(of configuration: libusb_config_descriptor) -> [UInt8] {
        var rest: [UInt8] = []
        unsafe rest.append(extra: configuration.extra, configuration.extra_length)
        for index in 0..<Int(unsafe configuration.bNumInterfaces) {
            guard let interface = unsafe configuration.interface?[index] else { break }
            for setting in 0..<Int(unsafe interface.num_altsetting) {
                guard let descriptor = unsafe interface.altsetting?[setting] else { break }
                unsafe append(descriptor, to: &rest)
            }
        }

        var bytes = [UInt8(LIBUSB_DT_CONFIG_SIZE), DescriptorType.configuration.rawValue]
        // A set that libusb took from at most 65535 bytes does not grow.
        bytes.append(littleEndian: UInt16(clamping: Int(LIBUSB_DT_CONFIG_SIZE) + rest.count))
        unsafe bytes += [
            configuration.bNumInterfaces, configuration.bConfigurationValue, configuration.iConfiguration,
            configuration.bmAttributes, configuration.MaxPower,
        ]
        return bytes + rest
    }

    private static func append(_ interface: libusb_interface_descriptor, to bytes: inout [UInt8]) {
        unsafe bytes += [
            UInt8(LIBUSB_DT_INTERFACE_SIZE), DescriptorType.interface.rawValue,
            interface.bInterfaceNumber, interface.bAlternateSetting, interface.bNumEndpoints,
            interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol,
            interface.iInterface,
        ]
        unsafe bytes.append(extra: interface.extra, interface.extra_length)
        for index in 0..<Int(unsafe interface.bNumEndpoints) {
            guard let endpoint = unsafe interface.endpoint?[index] else { break }
            unsafe bytes += [
                UInt8(LIBUSB_DT_ENDPOINT_SIZE), DescriptorType.endpoint.rawValue,
                endpoint.bEndpointAddress, endpoint.bmAttributes,
            ]
            unsafe bytes.append(littleEndian: endpoint.wMaxPacketSize)
            unsafe bytes.append(endpoint.bInterval)
            unsafe bytes.append(extra: endpoint.extra, endpoint.extra_length)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: UInt16) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }

    fileprivate mutating func append(extra bytes: UnsafePointer<UInt8>?, _ count: Int32) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count)))
    }
}
