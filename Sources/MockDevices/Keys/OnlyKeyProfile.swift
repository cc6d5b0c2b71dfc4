import USBTransport

/// All in which one OnlyKey differs from another.
///
/// Sources: trustcrypto/OnlyKey-Firmware, `usb_desc.h` (interfaces, endpoints, report descriptors); trustcrypto/libraries,
/// `okcore.cpp` (answers). The fourth interface, a serial line for debugging, is left out.
struct OnlyKeyProfile: KeyProfile {
    let name: String
    let productName: String
    let firmware: VirtualModel.Firmware
    /// Behind the version in the answer to SET TIME.
    let hardware: Character
    let slotCount: Int
    /// Its user types it as soon as the key is plugged in, unless a test has it otherwise.
    let hasPIN: Bool
    var ccid: CCIDProfile? { nil }

    static let all = [
        OnlyKeyProfile(
            name: "onlykey", productName: "OnlyKey", firmware: VirtualModel.Firmware(3, 0, 4), hardware: "c",
            slotCount: 12, hasPIN: true),
        OnlyKeyProfile(
            name: "onlykeyduo", productName: "OnlyKey Duo", firmware: VirtualModel.Firmware(3, 0, 4), hardware: "n",
            slotCount: 24, hasPIN: false),
    ]

    var descriptorPlan: DescriptorPlan {
        var plan = DescriptorPlan(
            id: USBID(vendor: Self.openMoko, product: Self.onlyKey), deviceVersion: Self.deviceVersion,
            manufacturer: "CRYPTOTRUST", product: "ONLYKEY",
            interfaces: [
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.otpKeyboard, version: Self.hid111), subclass: Self.bootSubclass,
                    protocolCode: Self.keyboardProtocol,
                    endpoints: [.init(Self.keyboardIn, .interrupt, packetSize: 8, interval: 1)]),
                Self.raw(HIDReports.fido, input: Self.fidoIn, output: Self.fidoOut),
                Self.raw(Self.rawReport, input: Self.rawIn, output: Self.rawOut),
            ])
        plan.hasSerialNumber = true
        return plan
    }

    func serialString(_ serial: UInt32) -> String? { Self.serialOfAll }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        OnlyKeyChip(profile: self, slots: [:])
    }

    func chip(
        serial: UInt32, content: OnlyKeyContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        OnlyKeyChip(profile: self, slots: try content.slots(upTo: slotCount))
    }

    private static func raw(_ report: [UInt8], input: UInt8, output: UInt8) -> DescriptorPlan.Interface {
        DescriptorPlan.Interface(
            .hid(report: report, version: hid111),
            endpoints: [.init(input, .interrupt, interval: 5), .init(output, .interrupt, interval: 5)])
    }

    /// Usage page FFAB, usage 02, 64 bytes each way.
    static let rawReport: [UInt8] = [
        0x06, 0xAB, 0xFF, 0x0A, 0x02, 0x00, 0xA1, 0x01,  // usage page, usage, collection
        0x75, 0x08, 0x15, 0x00, 0x26, 0xFF, 0x00,  // bytes
        0x95, 0x40, 0x09, 0x01, 0x81, 0x02,  // input
        0x95, 0x40, 0x09, 0x02, 0x91, 0x02,  // output
        0xC0,
    ]

    static let fidoIn: UInt8 = 0x83
    static let fidoOut: UInt8 = 0x04
    static let rawIn: UInt8 = 0x85
    static let rawOut: UInt8 = 0x06
    /// Each says this one.
    private static let serialOfAll = "1000000000"
    private static let keyboardIn: UInt8 = 0x87
    private static let openMoko: UInt16 = 0x1D50
    private static let onlyKey: UInt16 = 0x60FC
    private static let deviceVersion: UInt16 = 0x0100
    private static let hid111: UInt16 = 0x0111
    private static let bootSubclass: UInt8 = 1
    private static let keyboardProtocol: UInt8 = 1
}
