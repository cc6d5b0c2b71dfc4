/// What Nitrokey's secrets application keeps when power goes.
struct SecretsMemory: Hashable, Sendable {
    static let saltLength = 8
    /// Wrong tries before the PIN is blocked (trussed-secrets-app, `src/lib.rs`).
    static let pinTries: UInt8 = 8
    /// Of bytes (trussed-auth).
    static let longestPIN = 128
    /// Credentials, hidden ones included.
    static let capacity = 50

    /// Drawn when the key is made and at each RESET.
    var salt: [UInt8]
    var pin: [UInt8]?
    var pinTriesLeft = Self.pinTries
    /// In the order in which they were put.
    var credentials: [SecretsCredential] = []

    func index(of label: [UInt8]) -> Int? { credentials.firstIndex { $0.label == label } }
}

struct SecretsCredential: Hashable, Sendable {
    var label: [UInt8]
    /// Kind and hash, as they came.
    var type: SecretsType
    var digits: UInt8
    var secret: [UInt8]
    var needsTouch: Bool
    /// Kept under the PIN.
    var isEncrypted: Bool
    var counter: UInt32
    /// Login, password and notes as they came, fields 83 to 85; empty for none.
    var passwordFields: [UInt8] = []

    /// Of an answer to LIST.
    var listFlags: UInt8 {
        (needsTouch ? ListFlag.touchRequired : 0) | (isEncrypted ? ListFlag.encrypted : 0)
            | (passwordFields.isEmpty ? 0 : ListFlag.passwordSafe)
    }

    private enum ListFlag {
        static let touchRequired: UInt8 = 0x01
        static let encrypted: UInt8 = 0x02
        static let passwordSafe: UInt8 = 0x04
    }
}

/// The type byte of a credential: kind in the high half, hash in the low half.
struct SecretsType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    var kind: Kind? { Kind(rawValue: rawValue & Self.kindMask) }

    /// The firmware is built without SHA-512.
    var hash: HMACHash? {
        HMACHash(oathAlgorithm: rawValue & ~Self.kindMask).flatMap { $0 == .sha512 ? nil : $0 }
    }

    enum Kind: UInt8 {
        case hotp = 0x10
        case totp = 0x20
        case reverseHOTP = 0x30
        case hmac = 0x40
        /// A password and no credential.
        case none = 0xF0

        var counts: Bool { self == .hotp || self == .reverseHOTP }
    }

    private static let kindMask: UInt8 = 0xF0
}
