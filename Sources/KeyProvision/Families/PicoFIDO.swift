import SecretFormats
public import USBTransport

/// Pico FIDO on a Raspberry Pi Pico or an ESP32 (polhenarejos/pico-fido, `src/fido/oath.c`).
///
/// Builds that show the ids of a YubiKey are known by the order of their interfaces. Those that show the id of a Nitrokey 3, or
/// have an interface switched off, are driven as that maker's: the manufacturer string would tell, and strings can be read
/// from an opened device only.
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
        usbIDs.contains(device.device.id) || Self.isDisguised(device) ? Recognition(model: title, obstacle: nil) : nil
    }

    /// Whether what shows the id of a YubiKey is one of these: FIDO before everything, and an interface of no class behind the
    /// reader (polhenarejos/pico-keys-sdk, `src/usb/usb.c`). A YubiKey has its keyboard first and no such interface.
    static func isDisguised(_ device: USBDeviceDescription) -> Bool {
        guard YubiKeyProduct.with(device.device.id) != nil, let first = device.configuration.interfaces.first,
            let last = device.configuration.interfaces.last
        else { return false }
        return first.interfaceClass == .hid && first.interfaceSubclass == Self.noSubclass
            && last.interfaceClass == .vendorSpecific && device.configuration.interfaces.contains { $0.ccid != nil }
    }

    /// Of a HID interface that is no boot device (HID 1.11, section 4.2).
    private static let noSubclass: UInt8 = 0

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        try OATHKey(family: self, model: title, dialect: Self.dialect).openSession(
            on: device, description, options: options)
    }
}
