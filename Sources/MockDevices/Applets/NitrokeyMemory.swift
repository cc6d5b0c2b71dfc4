/// What a Nitrokey Pro or Storage keeps when power goes.
struct NitrokeyMemory: Hashable, Sendable {
    /// Wrong tries before a PIN is blocked, as an OpenPGP card has it.
    static let pinTries: UInt8 = 3
    /// Those of a new OpenPGP card.
    static let defaultUserPIN = Array("123456".utf8)
    static let defaultAdminPIN = Array("12345678".utf8)

    var userPIN = Self.defaultUserPIN
    var userTries = Self.pinTries
    var adminPIN = Self.defaultAdminPIN
    var adminTries = Self.pinTries
    /// Codes take the user PIN.
    var protectsCodes = false
    /// By slot number: 10 to 13 for HOTP, 20 to 2E for TOTP.
    var slots: [UInt8: NitrokeyStoredSlot] = [:]
}

struct NitrokeyStoredSlot: Hashable, Sendable {
    static let nameLength = 15
    static let secretLength = 40
    static let tokenIDLength = 13

    /// Each as long as it is stored.
    var name: [UInt8]
    var secret: [UInt8]
    var config: UInt8
    var tokenID: [UInt8]
    /// Or the interval in seconds.
    var counter: UInt64

    var hasEightDigits: Bool { config & 0x01 != 0 }
}
