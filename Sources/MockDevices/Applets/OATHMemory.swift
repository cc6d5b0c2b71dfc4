/// What the OATH applet keeps when power goes.
struct OATHMemory: Hashable, Sendable {
    static let saltLength = 8

    /// Drawn when the key is made and at each RESET; tag 71 of SELECT.
    var salt: [UInt8]
    var accessKey: OATHAccessKey?
    /// In the order in which they were put.
    var credentials: [OATHStoredCredential] = []

    func index(ofName name: [UInt8]) -> Int? { credentials.firstIndex { $0.name == name } }
}

/// The key of SET CODE.
struct OATHAccessKey: Hashable, Sendable {
    /// As it came; SELECT shows it in tag 7B.
    var type: UInt8
    var key: [UInt8]
}

struct OATHStoredCredential: Hashable, Sendable {
    /// At most 64 bytes, of any value; matched byte by byte.
    var name: [UInt8]
    var type: OATHKeyType
    /// As it came: the key stores the number of digits and does not use it.
    var digits: UInt8
    var secret: [UInt8]
    var properties: OATHProperties
    /// The moving factor of the next HOTP code.
    var counter: UInt64
    /// The largest challenge so far, where only increasing ones are allowed.
    var lastChallenge: [UInt8]?
}
