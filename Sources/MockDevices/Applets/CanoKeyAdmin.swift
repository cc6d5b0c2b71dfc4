/// The administration applet of a CanoKey, as far as a host of the OATH applet needs it (canokeys/canokey-core,
/// `applets/admin/admin.c`).
///
///     00 20 00 00 [PIN]  VERIFY: without a PIN it tells whether one was given, and how many tries are left
///     00 31 P1 00        READ VERSION: 00 of the firmware, 01 the name of the hardware, in text
///     00 32 00 00        READ SN: 4 bytes
///     00 05 00 00        RESET OATH, after VERIFY
///
/// What else it does (other applets, the keyboard, another PIN) is not built and answered as an instruction that it does not
/// know, after VERIFY.
struct CanoKeyAdmin: Hashable, Sendable {
    static let identifier: [UInt8] = [0xF0, 0x00, 0x00, 0x00, 0x00]
    static let pinTries = 3

    /// In which one key differs from another: what it says of itself.
    struct Profile: Hashable, Sendable {
        let firmware: String
        let hardware: String
    }

    let profile: Profile
    let serial: [UInt8]
    /// Wrong PINs that are left; it outlives the power.
    var tries = Self.pinTries
    private var isValidated = false

    init(profile: Profile, serial: [UInt8]) { (self.profile, self.serial) = (profile, serial) }

    /// What comes of a command: an answer, or the wish to empty the OATH applet.
    enum Outcome {
        case answer([UInt8])
        case resetOATH
    }

    mutating func losePower() { isValidated = false }

    mutating func process(_ command: CommandAPDU) throws(StatusWord) -> Outcome {
        switch command.instruction {
        case Instruction.readVersion:
            switch command.p1p2 {
            case Version.ofFirmware: return .answer(Array(profile.firmware.utf8))
            case Version.ofHardware: return .answer(Array(profile.hardware.utf8))
            default: throw .incorrectP1P2
            }
        case Instruction.readSerial:
            guard command.p1p2 == 0 else { throw .incorrectP1P2 }
            return .answer(serial)
        case Instruction.verify:
            guard command.p1p2 == 0 else { throw .incorrectP1P2 }
            try verify(command.data)
            return .answer([])
        case _ where !isValidated: throw .securityStatusNotSatisfied
        case Instruction.resetOATH: return .resetOATH
        default: throw .instructionNotSupported
        }
    }

    private mutating func verify(_ pin: [UInt8]) throws(StatusWord) {
        guard !pin.isEmpty else {
            guard isValidated else { throw refusal }
            return
        }
        guard Self.pinLengths ~= pin.count else { throw .wrongLength }
        guard tries > 0 else { throw refusal }
        isValidated = constantTimeEqual(pin, Self.pin)
        tries = isValidated ? Self.pinTries : tries - 1
        guard isValidated else { throw refusal }
    }

    private var refusal: StatusWord { tries > 0 ? .triesLeft(tries) : .authenticationBlocked }

    private enum Instruction {
        static let resetOATH: UInt8 = 0x05
        static let verify: UInt8 = 0x20
        static let readVersion: UInt8 = 0x31
        static let readSerial: UInt8 = 0x32
    }

    /// P1 and P2 of READ VERSION.
    private enum Version {
        static let ofFirmware: UInt16 = 0x0000
        static let ofHardware: UInt16 = 0x0100
    }

    private static let pin = Array("123456".utf8)
    private static let pinLengths = 6...64
}
