import CLibUSB

extension LibUSBHost {
    /// Version of the library as it runs, e.g. `1.0.26`.
    public static var libraryVersion: String {
        guard let version = unsafe libusb_get_version()?.pointee else { return "unknown" }
        return unsafe "\(version.major).\(version.minor).\(version.micro)"
    }
}
