import ByteBuffers

/// CHANGE USER PIN and CHANGE ADMIN PIN of a Pro: `1 25 PIN   26 25 new PIN`, filled up with zeros. A Storage takes the two one
/// after the other: `1 1 P or A   2 20 PIN`. What the card says no to for whatever reason is a wrong password to the host.
extension NitrokeyFirmware {
    mutating func changeUserPIN(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        try change(&reader, &memory.userPIN, &memory.userTries, shortest: Self.shortestUserPIN)
    }

    mutating func changeAdminPIN(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        try change(&reader, &memory.adminPIN, &memory.adminTries, shortest: Self.shortestAdminPIN)
    }

    /// SEND PASSWORD
    mutating func takePassword(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) -> [UInt8] {
        let (kind, pin) = try storagePassword(&reader)
        sentPassword = nil
        let isRight =
            kind == Self.adminKind
            ? tries(pin, memory.adminPIN, &memory.adminTries) : tries(pin, memory.userPIN, &memory.userTries)
        if isRight { sentPassword = (kind, pin) }
        return Self.storageStatus(of: Self.sendPassword, isRight ? Self.done : Self.wrongPassword)
    }

    /// SEND NEW PASSWORD, which counts for the one that was right just before.
    mutating func takeNewPassword(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) -> [UInt8] {
        let (kind, new) = try storagePassword(&reader)
        defer { sentPassword = nil }
        let shortest = kind == Self.adminKind ? Self.shortestAdminPIN : Self.shortestUserPIN
        guard let sentPassword, sentPassword.kind == kind, new.count >= shortest else {
            return Self.storageStatus(of: Self.sendNewPassword, Self.wrongPassword)
        }
        if kind == Self.adminKind { memory.adminPIN = new } else { memory.userPIN = new }
        return Self.storageStatus(of: Self.sendNewPassword, Self.done)
    }

    private func storagePassword(_ reader: inout ByteReader) throws(NitrokeyRefusal) -> (kind: UInt8, pin: [UInt8]) {
        let kind = try NitrokeyRefusal.reading { () throws(ByteReader.EndOfBytes) in try reader.uint8() }
        return (kind, Array(try reader.taken(Self.storagePasswordLength).prefix { $0 != 0 }))
    }

    private func tries(_ pin: [UInt8], _ right: [UInt8], _ left: inout UInt8) -> Bool {
        guard left > 0 else { return false }
        let isRight = constantTimeEqual(pin, right)
        left = isRight ? NitrokeyMemory.pinTries : left - 1
        return isRight
    }

    private func change(
        _ reader: inout ByteReader, _ pin: inout [UInt8], _ tries: inout UInt8, shortest: Int
    ) throws(NitrokeyRefusal) {
        let old = Array(try reader.taken(Self.passwordLength).prefix { $0 != 0 })
        let new = Array(try reader.taken(Self.passwordLength).prefix { $0 != 0 })
        guard self.tries(old, pin, &tries), new.count >= shortest else { throw .wrongPassword }
        pin = new
    }

    /// Of an OpenPGP card.
    private static let shortestUserPIN = 6
    private static let shortestAdminPIN = 8
    /// `HID_PASSWORD_LEN` of the Storage's firmware.
    private static let storagePasswordLength = 20
    private static let adminKind = UInt8(ascii: "A")
    private static let sendPassword: UInt8 = 0x32
    private static let sendNewPassword: UInt8 = 0x33
    private static let done: UInt8 = 1
    private static let wrongPassword: UInt8 = 3
}
