/// The management applet, as far as it tells what the key is (yubikey-manager, `yubikit/management.py`).
///
/// SELECT answers a text that ends in the firmware version; on a NEO too, where that is all there is: device info came
/// with firmware 4.1. Writing the configuration is not built: it would change the key's interfaces.
struct ManagementApplet: Hashable, Sendable {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17]

    let profile: ManagementProfile
    let serial: UInt32

    func select() -> [UInt8] { Array("Virtual mgr - FW version \(profile.firmware)".utf8) }

    func process(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.instruction == Self.readConfig, let page else { throw .instructionNotSupported }
        guard command.p1p2 == Self.firstPage else { throw .incorrectP1P2 }
        return page
    }

    /// Length and fields, which fit one page, so that none says that there is another; nil where the firmware has none.
    var page: [UInt8]? {
        guard profile.contents != .none else { return nil }
        let fields = deviceInfo()
        return [UInt8(truncatingIfNeeded: fields.count)] + fields
    }

    private func deviceInfo() -> [UInt8] {
        let base =
            field(.usbSupported, profile.supported) + field(.serial, bigEndianBytes(serial))
            + field(.usbEnabled, profile.supported)
        guard profile.contents == .full else { return base }
        return base + field(.formFactor, [Self.usbAKeychain]) + field(.version, profile.firmware.bytes)
            + field(.autoEjectTimeout, [0, 0]) + field(.challengeResponseTimeout, [Self.touchSeconds])
            + field(.deviceFlags, [0]) + field(.configurationLocked, [0]) + field(.nfcSupported, profile.supported)
            + field(.nfcEnabled, profile.supported)
    }

    private func field(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
        [tag.rawValue, UInt8(truncatingIfNeeded: value.count)] + value
    }

    /// Tags of the device info.
    private enum Tag: UInt8 {
        case usbSupported = 0x01
        case serial = 0x02
        case usbEnabled = 0x03
        case formFactor = 0x04
        case version = 0x05
        case autoEjectTimeout = 0x06
        case challengeResponseTimeout = 0x07
        case deviceFlags = 0x08
        case configurationLocked = 0x0A
        case nfcSupported = 0x0D
        case nfcEnabled = 0x0E
    }

    private static let readConfig: UInt8 = 0x1D
    private static let firstPage: UInt16 = 0x0000
    private static let usbAKeychain: UInt8 = 0x01
    private static let touchSeconds: UInt8 = 15
}

/// What the management applet of one firmware knows.
struct ManagementProfile: Hashable, Sendable {
    enum Contents: Hashable, Sendable {
        /// No device info at all (NEO).
        case none
        /// Applications and serial number: firmware 4 sends nothing else that hosts rely on.
        case basic
        case full
    }

    let firmware: VirtualModel.Firmware
    let contents: Contents
    /// Application bits as sent: one byte on firmware 4, two bytes big-endian on firmware 5.
    let supported: [UInt8]
}

/// Bits of the supported and enabled applications.
struct KeyApplications: OptionSet, Hashable, Sendable {
    let rawValue: UInt16

    static let otp = KeyApplications(rawValue: 0x001)
    static let u2f = KeyApplications(rawValue: 0x002)
    static let openPGP = KeyApplications(rawValue: 0x008)
    static let piv = KeyApplications(rawValue: 0x010)
    static let oath = KeyApplications(rawValue: 0x020)
    static let fido2 = KeyApplications(rawValue: 0x200)

    static let yubiKey4: KeyApplications = [.otp, .u2f, .openPGP, .piv, .oath]
    static let yubiKey5: KeyApplications = [yubiKey4, .fido2]

    var oneByte: [UInt8] { [UInt8(truncatingIfNeeded: rawValue)] }
    var twoBytes: [UInt8] { bigEndianBytes(rawValue) }
}
