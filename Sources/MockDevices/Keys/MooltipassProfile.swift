import USBTransport

/// All in which one Mooltipass BLE differs from another: its firmware, which its maker releases in numbered bundles.
///
/// Sources: mooltipass/minible, `usb_descriptors.c` and `platform_defines.h` (interfaces, endpoints, usages); the versions that
/// go with a bundle are those of issues 320 and 372. The report descriptors are ours, and so are the endpoints of the FIDO
/// interface.
struct MooltipassProfile: KeyProfile {
    let name: String
    let productName = "Mooltipass BLE"
    /// The bundle, then zeros.
    let firmware: VirtualModel.Firmware
    let main: (major: UInt16, minor: UInt16)
    let second: (major: UInt16, minor: UInt16)
    var ccid: CCIDProfile? { nil }

    static let all = [
        MooltipassProfile(name: "mooltipass", bundle: 12, main: (0, 84), second: (0, 73)),
        MooltipassProfile(name: "mooltipass7", bundle: 7, main: (0, 79), second: (0, 69)),
    ]

    init(name: String, bundle: UInt8, main: (UInt16, UInt16), second: (UInt16, UInt16)) {
        (self.name, firmware) = (name, VirtualModel.Firmware(bundle, 0, 0))
        (self.main, self.second) = (main, second)
    }

    /// From bundle 8 on.
    var tellsCodes: Bool { firmware >= Self.firstWithCodes }

    static func == (left: MooltipassProfile, right: MooltipassProfile) -> Bool { left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    var descriptorPlan: DescriptorPlan {
        DescriptorPlan(
            id: USBID(vendor: Self.pidCodes, product: Self.mooltipass), deviceVersion: Self.deviceVersion,
            manufacturer: "SE", product: "Mooltipass",
            interfaces: [
                DescriptorPlan.Interface(
                    .hid(report: Self.rawReport, version: Self.hid111),
                    endpoints: [
                        .init(Self.rawIn, .interrupt, interval: 1), .init(Self.rawOut, .interrupt, interval: 1),
                    ]),
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.plainKeyboard, version: Self.hid111), subclass: Self.bootSubclass,
                    protocolCode: Self.keyboardProtocol,
                    endpoints: [.init(Self.keyboardIn, .interrupt, packetSize: 8, interval: 1)]),
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.fido, version: Self.hid111),
                    endpoints: [
                        .init(Self.fidoIn, .interrupt, interval: 1), .init(Self.fidoOut, .interrupt, interval: 1),
                    ]),
            ])
    }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        var random = random
        let cardKey = (0..<MooltipassContent.keyLength).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return MooltipassChip(profile: self, serial: serial, flash: MooltipassFlash(cardKey: cardKey))
    }

    func chip(
        serial: UInt32, content: MooltipassContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        MooltipassChip(profile: self, serial: serial, flash: try content.flash())
    }

    /// Usage page FF31, usage 74, 64 bytes each way.
    private static let rawReport: [UInt8] = [
        0x06, 0x31, 0xFF, 0x09, 0x74, 0xA1, 0x01,  // usage page, usage, collection
        0x75, 0x08, 0x15, 0x00, 0x26, 0xFF, 0x00,  // bytes
        0x95, 0x40, 0x09, 0x75, 0x81, 0x02,  // input
        0x95, 0x40, 0x09, 0x76, 0x91, 0x02,  // output
        0xC0,
    ]

    static let rawIn: UInt8 = 0x81
    static let rawOut: UInt8 = 0x02
    private static let keyboardIn: UInt8 = 0x83
    private static let fidoIn: UInt8 = 0x84
    private static let fidoOut: UInt8 = 0x05
    private static let firstWithCodes = VirtualModel.Firmware(8, 0, 0)
    private static let pidCodes: UInt16 = 0x1209
    private static let mooltipass: UInt16 = 0x4321
    private static let deviceVersion: UInt16 = 0x0100
    private static let hid111: UInt16 = 0x0111
    private static let bootSubclass: UInt8 = 1
    private static let keyboardProtocol: UInt8 = 1
}
