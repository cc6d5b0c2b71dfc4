import ByteBuffers

/// A quirk of the NEO: the status over HID can be an old one. A scan map that the key refuses makes it read its memory
/// again (yubikit, `core/otp.py`).
enum OTPStatusRefresh {
    /// Over HID.
    static func applies(to firmware: Version) -> Bool { firmware.major == 3 }

    static func run(on channel: any OTPTransport, from status: OTPStatus) throws(DeviceError) -> OTPStatus {
        let outcome = try channel.exchange(
            YubiKeyOTP.Command.scanMap, WipedBuffer([UInt8](repeating: notAScanCode, count: scanMapLength)),
            during: .connecting)
        guard case .status(_, let after, _) = outcome else { return status }
        return after
    }

    /// A map of 45 codes and an access code, all one letter.
    private static let scanMapLength = 51
    private static let notAScanCode = UInt8(ascii: "c")
}
