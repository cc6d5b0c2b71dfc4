/// The OTP application over CCID (yubikey-manager, `yubikit/yubiotp.py`): SELECT and READ STATUS answer the status, the other
/// instruction brings a slot command in P1 with its payload, without frame and checksum. On a NEO it is the one place over
/// CCID that has the serial number.
struct OTPApplet: Hashable, Sendable {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01]

    let slots: OTPSlots

    func select(_ memory: OTPMemory) -> [UInt8] { slots.status(shown(memory)) }

    /// - Returns: the response, at once or after a touch; the status where the command has none.
    func process(_ command: CommandAPDU, _ memory: inout OTPMemory) throws(StatusWord) -> OTPAnswer {
        switch command.instruction {
        case Self.readStatus: return .response(select(memory))
        case Self.slotCommand:
            guard command.data.count <= Self.payloadLength else { throw .wrongLength }
            let payload = command.data + [UInt8](repeating: 0, count: Self.payloadLength - command.data.count)
            let answer = slots.process(command.p1, payload, &memory)
            guard answer == .none else { return answer }
            guard Self.answersStatus.contains(command.p1) else { throw .wrongData }
            return .response(select(memory))
        default: throw .instructionNotSupported
        }
    }

    /// Firmware 5.0.0 to 5.4.2 does not show over CCID that a write was counted.
    private func shown(_ memory: OTPMemory) -> OTPMemory {
        slots.profile.hidesSequenceOverCard ? memory.withoutSequence : memory
    }

    private static let slotCommand: UInt8 = 0x01
    private static let readStatus: UInt8 = 0x03
    private static let payloadLength = 64
    /// Writes, updates, swap, NDEF and scan map.
    private static let answersStatus: ClosedRange<UInt8> = 0x01...0x09
}
