import SecretFormats

/// Numbers of Nitrokey's secrets application that are not YKOATH's, whose dialect it is (Nitrokey/trussed-secrets-app,
/// `src/oath.rs`, `src/command.rs`). Instructions and tags that are not here are those of `YKOATH`.
enum SecretsWire {
    /// The vendor command of the FIDO interface that carries its APDUs (trussed-secrets-app, `docs/ctaphid.md`).
    static let vendorCommand: UInt8 = 0x70

    enum Instruction {
        static let verifyCode: UInt8 = 0xB1
        static let verifyPIN: UInt8 = 0xB2
        static let changePIN: UInt8 = 0xB3
        static let setPIN: UInt8 = 0xB4
        static let update: UInt8 = 0xB7
    }

    enum Tag {
        static let password: UInt8 = 0x80
        static let newPassword: UInt8 = 0x81
        /// In the answer to SELECT: tries that the PIN has left. There is none before a PIN was set.
        static let pinCounter: UInt8 = 0x82
        static let serialNumber: UInt8 = 0x8F
    }

    /// Data of LIST that asks for the properties as well.
    static let listVersion1: UInt8 = 1
    /// Credentials, hidden ones included.
    static let capacity = 50
    /// Bytes of a PIN (Nitrokey/nitrokey-hotp-verification, `src/settings.h`).
    static let longestPIN = 128
}

extension OATHKind {
    /// HOTP of which the key checks the codes and computes none (`Kind::HotpReverse` of trussed-secrets-app).
    static func reverseHOTP(_ algorithm: HashAlgorithm) -> OATHKind {
        let hotp = OATHKind(.hotp(counter: 0), algorithm)
        return OATHKind(rawValue: hotp.rawValue & ~typeMask | reverseHOTP)
    }

    var isReverseHOTP: Bool { rawValue & Self.typeMask == Self.reverseHOTP }

    private static let reverseHOTP: UInt8 = 0x30
}

/// What PUT says of a credential.
struct SecretsProperties: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let requireTouch = SecretsProperties(rawValue: 0x02)
    static let pinEncrypt = SecretsProperties(rawValue: 0x04)
}

/// What LIST says of one: other numbers than those of PUT.
struct SecretsListFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let touchRequired = SecretsListFlags(rawValue: 0x01)
    static let encrypted = SecretsListFlags(rawValue: 0x02)
    /// The entry has a login, a password or notes beside the credential.
    static let passwordSafe = SecretsListFlags(rawValue: 0x04)
}
