/// The OTP application over CCID, as far as it tells what the key is (yubikey-manager, `yubikit/yubiotp.py`): on a NEO
/// the one place over CCID that has the serial number. SELECT and READ STATUS answer the status.
///
/// Slots are written over the keyboard interface; here they are not.
struct OTPApplet: Hashable, Sendable {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01]

    let slots: OTPSlots

    func select(_ memory: OTPMemory) -> [UInt8] { slots.status(memory) }

    func process(_ command: CommandAPDU, _ memory: OTPMemory) throws(StatusWord) -> [UInt8] {
        switch command.instruction {
        case Self.readStatus: return select(memory)
        case Self.slotCommand:
            guard command.p1 == Self.deviceSerial, let serial = slots.visibleSerial(memory) else { throw .wrongData }
            return serial
        default: throw .instructionNotSupported
        }
    }

    private static let slotCommand: UInt8 = 0x01
    private static let readStatus: UInt8 = 0x03
    private static let deviceSerial: UInt8 = 0x10
}
