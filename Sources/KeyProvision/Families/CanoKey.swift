import SecretFormats
public import USBTransport

/// CanoKeys (canokeys/canokey-core, `applets/oath`, `interfaces/USB`).
///
/// The smart-card reader is taken where it is free: an exchange is two transfers there and three by vendor requests, and its
/// power off locks the applet again. Where another program holds the reader, pcscd mostly, the vendor requests of the WebUSB
/// interface bring the same commands past it. SELECT of another applet then does what power off does, to that program too.
///
/// The counter of HOTP steps before a code is computed, so the first code is that of counter 1 at the earliest.
public struct CanoKey: DeviceFamily {
    public let name = "canokey"
    public let title = "CanoKey"
    public let usbIDs = [USBID(vendor: 0x20A0, product: 0x42D4)]

    public init() {}

    public var features: FamilyFeatures { Self.features }

    static let features: FamilyFeatures = {
        let kind = OATHKey.kind(HashAlgorithm.allCases, dialect)
        return FamilyFeatures(
            totp: kind, hotp: kind, longestSecret: 64, capacity: 100, maxCounter: UInt64(UInt32.max),
            minCounter: dialect.lowestCounter, longestName: YKOATH.maxNameLength, touch: .always, renaming: .always,
            accessCode: .application,
            // The serial number's string and its language; power on, SELECT, LIST, PUT, CALCULATE, power off: two each.
            enrollmentTransfers: 14)
    }()

    static let dialect = OATHDialect(overwrites: false, countsBeforeComputing: true, sharesSelection: true)

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        usbIDs.contains(device.device.id) ? Recognition(model: title, obstacle: nil) : nil
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        try OATHKey(family: self, model: title, dialect: Self.dialect).openSession(
            on: device, description, options: options
        ) { () throws(ConnectionError) in
            do throws(USBError) {
                guard let reader = description.configuration.interfaces.first(where: { $0.ccid != nil }) else {
                    return Self.byVendorRequests(device)
                }
                try device.claimInterface(reader.number)
            } catch {
                guard error.code == .busy else {
                    device.close()
                    throw .usb(error)
                }
                return Self.byVendorRequests(device)
            }
            return try CCIDConnection(device: device, configuration: description.configuration)
        }
    }

    private static func byVendorRequests(_ device: any USBDevice) -> any SmartCardConnection {
        VendorRequestConnection(
            device: device, interface: WebUSB.interface,
            requests: VendorRequestConnection.Requests(
                send: WebUSB.command, fetch: WebUSB.response, status: WebUSB.status, working: WebUSB.processing,
                ready: WebUSB.sendingResponse, maxResponseLength: WebUSB.bufferLength),
            lastCommand: WebUSB.selectAdmin)
    }

    /// `interfaces/USB/class/webusb/webusb.c`; all requests are for the second interface.
    private enum WebUSB {
        static let interface: UInt8 = 1
        static let command: UInt8 = 0x00
        static let response: UInt8 = 0x01
        static let status: UInt8 = 0x02
        static let sendingResponse: UInt8 = 0
        static let processing: UInt8 = 1
        /// Of commands and responses.
        static let bufferLength: UInt16 = 1340
        /// SELECT of the admin applet.
        static let selectAdmin: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x00, 0x00, 0x00, 0x00]
    }
}
