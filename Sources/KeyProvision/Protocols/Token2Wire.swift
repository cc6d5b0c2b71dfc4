/// Numbers of the OTP application on Token2's FIDO keys, under the names of its maker's sources (token2/token2-otp-applet,
/// `src/t2otp/Token2OtpApplet.java`; for what is in front of entries and behind the PIN, framefilter/keyroost,
/// `crates/keyroost-token2otp`, which tried keys).
enum Token2Wire {
    static let vendor: UInt16 = 0x349E
    static let applicationID = ApplicationID([0xF0, 0x00, 0x00, 0x01, 0x4F, 0x74, 0x70, 0x01])

    static let proprietaryClass: UInt8 = 0x80

    enum Instruction {
        static let getInfo: UInt8 = 0x33
        static let otp: UInt8 = 0xC5
    }

    /// P1 and P2 of the instruction OTP.
    struct Command: RawRepresentable, Hashable, Sendable {
        let rawValue: UInt16

        static let getPublicKey = Command(rawValue: 0x0100)
        static let enumerate = Command(rawValue: 0x0500)
        static let enumerateContinue = Command(rawValue: 0x0501)
        static let writeSeed = Command(rawValue: 0x0502)
        static let readPINFlag = Command(rawValue: 0x0504)
        static let verifyPIN = Command(rawValue: 0x0506)
        static let readAgreementPublicKey = Command(rawValue: 0x0509)
    }

    /// First byte of the data of `enumerate`.
    enum Subcommand {
        static let readOne: UInt8 = 0x01
        static let readAll: UInt8 = 0x03
    }

    /// Of an entry.
    enum Kind {
        static let hotp: UInt8 = 0x00
        static let totp: UInt8 = 0x01
        /// In the first byte of a page.
        static let morePages: UInt8 = 0x80
    }

    static let sha1: UInt8 = 0xC1
    static let sha256: UInt8 = 0xC2

    static let longestName = 64
    static let longestSeed = 64
    static let longestPeriod = Int(UInt16.max)

    /// More than any key has room for; a page holds one entry at least.
    static let mostEntries = 1024

    /// The initialization vector of entries that are written, the same for all: each is encrypted under a new key.
    static let entryVector: [UInt8] = [
        0x9D, 0xD8, 0x91, 0x8E, 0x34, 0xF3, 0xCC, 0xAB, 0x08, 0xCB, 0x75, 0x18, 0xF7, 0x19, 0x38, 0xF1,
    ]

    static let serialTag: UInt8 = 0xD1
    /// Data of `getInfo`: the tag, a length, room for the number.
    static let serialRequest: [UInt8] = [serialTag, 0x10] + [UInt8](repeating: 0, count: 0x10)

    /// How much of its state the key is to tell: as many zeros are sent.
    enum PINFlagLength {
        static let state = 0x09
        static let challenge = 0x29
    }
}
