import CLibUSB

/// A libusb context. The host, each device reference and each open device hold it, so it is freed after the last of them.
///
/// libusb is silent unless the environment variable `LIBUSB_DEBUG` asks for its own log on standard error; that log
/// names calls and lengths, no transferred bytes.
///
/// Unchecked, because libusb locks inside of a context (libusb 1.0 API, "Multi-threaded applications and asynchronous
/// I/O") and nothing else here changes.
@safe final class LibUSBContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Here and not with its reader, since libusb may be inside the callback on another thread when the reader goes.
    let hotplugQueue = HotplugQueue()

    init() throws(USBError) {
        var context: OpaquePointer?
        try USBError.check(unsafe libusb_init(&context), during: .start)
        guard let context = unsafe context else { throw USBError(.other, during: .start) }
        unsafe pointer = context
    }

    deinit {
        hotplugQueue.removeAll()
        unsafe libusb_exit(pointer)
    }

    /// The devices that are attached now, hubs included, in libusb's order.
    func attached() throws(USBError) -> [LibUSBDeviceReference] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = unsafe libusb_get_device_list(pointer, &list)
        guard count >= 0, let list = unsafe list else {
            throw USBError(USBError.Code(rawValue: Int32(clamping: count)), during: .enumerate)
        }
        defer { unsafe libusb_free_device_list(list, 1) }
        var references: [LibUSBDeviceReference] = []
        for index in 0..<count {
            if let device = unsafe list[index] {
                unsafe references.append(LibUSBDeviceReference(retaining: device, of: self))
            }
        }
        return references
    }
}

extension USBError {
    /// The result of a libusb call: zero or a count, or a negative number of `enum libusb_error`.
    static func check(_ result: Int32, during operation: Operation) throws(USBError) {
        guard result >= 0 else { throw USBError(Code(rawValue: result), during: operation) }
    }
}
