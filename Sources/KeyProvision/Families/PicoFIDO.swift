import SecretFormats
public import USBTransport

/// Pico FIDO on a Raspberry Pi Pico or an ESP32 (polhenarejos/pico-fido, `src/fido/oath.c`).
///
/// It is known by its own USB id alone. Builds that show the id of another maker are driven as that maker's: only the
/// manufacturer string tells them apart, and strings can be read from an opened device only.
///
/// A wish for a touch is lost or not heeded, depending on how it is written, and therefore refused.
public struct PicoFIDO: DeviceFamily {
    public let name = "picofido"
    public let title = "Pico FIDO"
    public let usbIDs = [USBID(vendor: 0x2E8A, product: 0x10FE)]

    public init() {}

    public var features: FamilyFeatures { Self.features }

    static let features: FamilyFeatures = {
        let kind = OATHKey.kind(HashAlgorithm.allCases, dialect)
        return FamilyFeatures(
            totp: kind, hotp: kind, capacity: 255, maxCounter: UInt64(UInt32.max), longestName: YKOATH.maxNameLength,
            touchRefusal: .touchNotEnforced, renaming: .always, accessCode: .application,
            // The serial number's string and its language; power on, SELECT, LIST, PUT, CALCULATE, power off: two each.
            enrollmentTransfers: 14)
    }()

    static let dialect = OATHDialect.yubico

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        usbIDs.contains(device.device.id) ? Recognition(model: title, obstacle: nil) : nil
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        try OATHKey(family: self, model: title, dialect: Self.dialect).openSession(
            on: device, description, options: options)
    }
}
