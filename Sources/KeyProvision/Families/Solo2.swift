import SecretFormats
public import USBTransport

/// Solo 2 with the OATH authenticator of its firmware (trussed-dev/oath-authenticator, `src/authenticator.rs`).
///
/// HOTP is hashed from a counter of 4 bytes, which no server computes; credentials with SHA-512 make the firmware stop; the
/// wish for a touch is noted and not heeded. All three are refused. CALCULATE gives the four bytes of a code and nothing
/// else, so the proof is two codes. VALIDATE is good for one command.
public struct Solo2: DeviceFamily {
    public let name = "solo2"
    public let title = "Solo 2"
    public let usbIDs = [USBID(vendor: 0x1209, product: 0xBEEE)]

    public init() {}

    public var features: FamilyFeatures { Self.features }

    static let features = FamilyFeatures(
        totp: OATHKey.kind([.sha1, .sha256], dialect), hotpRefusal: .hotpNotStandard, maxCounter: UInt64(UInt32.max),
        longestName: YKOATH.maxNameLength, touchRefusal: .touchNotEnforced, accessCode: .application,
        // The serial number's string and its language; power on, SELECT, LIST, PUT, two CALCULATE, power off: two each.
        enrollmentTransfers: 16)

    static let dialect = OATHDialect(
        missing: .fileNotFound, deletesWhatIsMissing: true, locked: .conditionsNotSatisfied, computesWholeHMAC: false,
        validatesEachCommand: true)

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
