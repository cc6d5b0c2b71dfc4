/// Numbers of the YubiKey OTP application under Yubico's names (yubikey-personalization, `ykdef.h`; yubikit,
/// `yubiotp.py`).
enum YubiKeyOTP {
    /// Byte 64 of a frame.
    enum Command {
        static let config1: UInt8 = 0x01
        static let config2: UInt8 = 0x03
        static let update1: UInt8 = 0x04
        static let update2: UInt8 = 0x05
        static let swap: UInt8 = 0x06
        static let deviceSerial: UInt8 = 0x10
        static let scanMap: UInt8 = 0x12
        static let deviceInfo: UInt8 = 0x13
        static let hmacChallenge1: UInt8 = 0x30
        static let hmacChallenge2: UInt8 = 0x38
    }

    /// Last byte of a feature report.
    enum ReportFlag {
        /// Set by the host, cleared by the key when it has taken the report.
        static let slotWrite: UInt8 = 0x80
        /// The report is a part of a response; its number is in `sequenceMask`.
        static let responsePending: UInt8 = 0x40
        /// The key waits for a touch; the seconds left are in `sequenceMask`.
        static let responseTimeoutWait: UInt8 = 0x20
        static let sequenceMask: UInt8 = 0x1F
        /// As a whole byte from the host: forget what was sent, drop what waits to be fetched.
        static let reset: UInt8 = 0xFF
    }

    static let reportLength = 8
    static let reportDataLength = 7
    static let payloadLength = 64
    static let frameLength = 70
    static let challengeLimit = 64
    static let hmacLength = 20
    static let serialLength = 4
    static let accessCodeLength = 6
}

/// One of the two places for a configuration: 1 types at a short touch, 2 at a long one.
enum OTPSlot: Int, CaseIterable, Sendable {
    case one = 1
    case two = 2

    var configCommand: UInt8 { self == .one ? YubiKeyOTP.Command.config1 : YubiKeyOTP.Command.config2 }
    var updateCommand: UInt8 { self == .one ? YubiKeyOTP.Command.update1 : YubiKeyOTP.Command.update2 }
    var hmacCommand: UInt8 { self == .one ? YubiKeyOTP.Command.hmacChallenge1 : YubiKeyOTP.Command.hmacChallenge2 }

    var other: OTPSlot { self == .one ? .two : .one }
}

/// Byte 46 of a configuration.
struct OTPTicketFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let appendCarriageReturn = OTPTicketFlags(rawValue: 0x20)
    /// Together with the flags of byte 47.
    static let oathHOTP = OTPTicketFlags(rawValue: 0x40)
    static let challengeResponse = OTPTicketFlags(rawValue: 0x40)
}

/// Byte 47 of a configuration. Bits mean different things in typing and in challenge-response slots.
struct OTPConfigFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    /// The slot types the bytes of fixed part, private id and key as scan codes.
    static let shortTicket = OTPConfigFlags(rawValue: 0x02)
    static let oathHOTP8 = OTPConfigFlags(rawValue: 0x02)
    static let oathFixedModhex2 = OTPConfigFlags(rawValue: 0x40)
    static let challengeHMAC = OTPConfigFlags(rawValue: 0x22)
    static let hmacLessThan64 = OTPConfigFlags(rawValue: 0x04)
    static let challengeButtonTrigger = OTPConfigFlags(rawValue: 0x08)
}

/// Byte 45 of a configuration.
struct OTPExtendedFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    /// Without it in both slots the serial number cannot be read.
    static let serialAPIVisible = OTPExtendedFlags(rawValue: 0x04)
    static let fastTrigger = OTPExtendedFlags(rawValue: 0x10)
    static let allowUpdate = OTPExtendedFlags(rawValue: 0x20)
}
