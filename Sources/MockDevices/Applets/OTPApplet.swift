/// The OTP applet, as far as it tells what the key is (yubikey-manager, `yubikit/yubiotp.py`): on a NEO the one place
/// over CCID that has the serial number.
///
///     SELECT, READ STATUS → 0  3  firmware version
///                           3  1  programming sequence
///                           4  2  touch level, little-endian
///
/// Its slots are empty; writing them is not built.
struct OTPApplet: Hashable, Sendable {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01]

    let firmware: VirtualModel.Firmware
    let serial: UInt32

    func select() -> [UInt8] { firmware.bytes + Self.emptySlots }

    func process(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        switch command.instruction {
        case Self.readStatus: return select()
        case Self.slotCommand:
            guard command.p1 == Self.deviceSerial else { throw .wrongData }
            return bigEndianBytes(serial)
        default: throw .instructionNotSupported
        }
    }

    private static let slotCommand: UInt8 = 0x01
    private static let readStatus: UInt8 = 0x03
    private static let deviceSerial: UInt8 = 0x10
    /// Nothing was ever programmed: sequence 0, no slot valid.
    private static let emptySlots: [UInt8] = [0, 0, 0]
}
