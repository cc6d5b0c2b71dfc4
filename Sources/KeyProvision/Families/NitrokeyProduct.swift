import USBTransport

/// In what the keys of one protocol differ (libnitrokey, `device.cc`; nitrokey-pro-firmware; nitrokey-storage-firmware).
struct NitrokeyProduct: Hashable, Sendable {
    let family: String
    let model: String
    let id: USBID
    let function: HIDFeatureConnection.Function
    let limits: NitrokeyLimits
    /// Places for TOTP that keep what is written to them.
    let totpSlots: Int
    let maxCounter: UInt64
    /// Minor version of the first firmware that echoes what it is sent.
    let echoSince: UInt8
    /// Tells version and serial number by a command of its own; GET_STATUS has neither.
    let hasDeviceStatus: Bool

    static let pro = NitrokeyProduct(
        family: "nitrokey-pro", model: "Nitrokey Pro", id: USBID(vendor: clayLogic, product: 0x4108),
        function: .bootKeyboard(featureLength: NitrokeyReport.length), limits: .pro,
        totpSlots: NitrokeySlot.totpCount, maxCounter: UInt64(UInt32.max), echoSince: 8, hasDeviceStatus: false)

    static let libremKey = NitrokeyProduct(
        family: "librem-key", model: "Librem Key", id: USBID(vendor: 0x316D, product: 0x4C4B),
        function: .bootKeyboard(featureLength: NitrokeyReport.length), limits: .pro,
        totpSlots: NitrokeySlot.totpCount, maxCounter: UInt64(UInt32.max), echoSince: 8, hasDeviceStatus: false)

    /// The last TOTP slot takes a write, says OK and keeps nothing, since it once overwrote the first HOTP slot
    /// (nitrokey-storage-firmware, issue 91). Counters are kept as seven decimal digits.
    static let storage = NitrokeyProduct(
        family: "nitrokey-storage", model: "Nitrokey Storage", id: USBID(vendor: clayLogic, product: 0x4109),
        function: HIDFeatureConnection.Function(
            usage: nil, featureLength: NitrokeyReport.length, subclass: 0, protocolCode: 0), limits: .storage,
        totpSlots: NitrokeySlot.totpCount - 1, maxCounter: 9_999_999, echoSince: 54, hasDeviceStatus: true)

    /// The report descriptor, and out and in each: status (two commands on a Storage), tries, PIN, slot, name, secret,
    /// write, slot.
    var leastTransfers: Int { 1 + 2 * (hasDeviceStatus ? 9 : 8) }

    /// The least that an OpenPGP card takes, the most that the reports and the firmware have room for.
    var newPINs: [NewPIN] {
        let longest = hasDeviceStatus ? NitrokeyApp.longestNewStoragePIN : NitrokeyApp.longestPIN
        return [NewPIN(.user, lengths: 6...longest), NewPIN(.admin, lengths: 8...longest)]
    }

    private static let clayLogic: UInt16 = 0x20A0
}
