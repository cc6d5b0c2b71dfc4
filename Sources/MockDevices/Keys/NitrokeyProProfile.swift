import USBTransport

/// A Nitrokey Pro, a Nitrokey Storage or a Librem Key.
///
/// Sources: nitrokey-pro-firmware, `CCIDHID_usb_desc.c` (keyboard with a feature report, endpoint 84);
/// nitrokey-storage-firmware (vendor page, reports of 64 bytes); libnitrokey, `device.cc` (ids). The interfaces of card and
/// memory stick are left out: hosts find the HID interface by its descriptor.
struct NitrokeyProProfile: KeyProfile {
    let name: String
    let productName: String
    let firmware: VirtualModel.Firmware
    let id: USBID
    let manufacturer: String
    var isStorage = false

    /// The first minor version that repeats what it is sent before it keeps it.
    var echoes: Bool { firmware.minor >= (isStorage ? Self.firstStorageWithEcho : Self.firstProWithEcho) }

    static let pro = [
        NitrokeyProProfile(
            name: "nitrokeypro", productName: "Nitrokey Pro", firmware: VirtualModel.Firmware(0, 7, 0),
            id: USBID(vendor: clayLogic, product: 0x4108), manufacturer: "Nitrokey"),
        NitrokeyProProfile(
            name: "nitrokeypro2", productName: "Nitrokey Pro", firmware: VirtualModel.Firmware(0, 15, 0),
            id: USBID(vendor: clayLogic, product: 0x4108), manufacturer: "Nitrokey"),
    ]
    static let storage = [
        NitrokeyProProfile(
            name: "nitrokeystorage", productName: "Nitrokey Storage", firmware: VirtualModel.Firmware(0, 54, 0),
            id: USBID(vendor: clayLogic, product: 0x4109), manufacturer: "Nitrokey", isStorage: true),
        NitrokeyProProfile(
            name: "nitrokeystorage53", productName: "Nitrokey Storage", firmware: VirtualModel.Firmware(0, 53, 0),
            id: USBID(vendor: clayLogic, product: 0x4109), manufacturer: "Nitrokey", isStorage: true),
    ]
    static let libremKey = [
        NitrokeyProProfile(
            name: "libremkey", productName: "Librem Key", firmware: VirtualModel.Firmware(0, 10, 0),
            id: USBID(vendor: 0x316D, product: 0x4C4B), manufacturer: "Purism, SPC")
    ]

    /// HOTP and TOTP.
    static let slots = Set(UInt8(0x10)...0x13).union(0x20...0x2E)

    var ccid: CCIDProfile? { nil }

    var descriptorPlan: DescriptorPlan {
        let interface =
            isStorage
            ? DescriptorPlan.Interface(
                .hid(report: HIDReports.nitrokeyStorage, version: Self.hid110),
                endpoints: [.init(Self.storageIn, .interrupt, interval: 5)])
            : DescriptorPlan.Interface(
                .hid(report: HIDReports.nitrokeyKeyboard, version: Self.hid110), subclass: Self.bootSubclass,
                protocolCode: Self.keyboardProtocol,
                endpoints: [.init(Self.keyboardIn, .interrupt, packetSize: 8, interval: 10)])
        return DescriptorPlan(
            id: id, deviceVersion: Self.deviceVersion, manufacturer: manufacturer, product: productName,
            interfaces: [interface])
    }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        NitrokeyProChip(profile: self, serial: serial, memory: NitrokeyMemory())
    }

    func chip(
        serial: UInt32, content: NitrokeyContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        NitrokeyProChip(profile: self, serial: serial, memory: try content.memory())
    }

    private static let firstProWithEcho: UInt8 = 8
    private static let firstStorageWithEcho: UInt8 = 54
    private static let clayLogic: UInt16 = 0x20A0
    private static let deviceVersion: UInt16 = 0x0100
    private static let hid110: UInt16 = 0x0110
    private static let bootSubclass: UInt8 = 1
    private static let keyboardProtocol: UInt8 = 1
    private static let keyboardIn: UInt8 = 0x84
    private static let storageIn: UInt8 = 0x83
}
