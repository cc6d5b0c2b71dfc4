import ByteBuffers

/// CHANGE USER PIN and CHANGE ADMIN PIN of a Pro: `1 25 PIN   26 25 new PIN`, filled up with zeros. What its card says no to
/// for whatever reason is a wrong password to the host.
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

    private func change(
        _ reader: inout ByteReader, _ pin: inout [UInt8], _ tries: inout UInt8, shortest: Int
    ) throws(NitrokeyRefusal) {
        let old = Array(try reader.taken(Self.passwordLength).prefix { $0 != 0 })
        let new = Array(try reader.taken(Self.passwordLength).prefix { $0 != 0 })
        guard tries > 0 else { throw .wrongPassword }
        guard constantTimeEqual(old, pin) else {
            tries -= 1
            throw .wrongPassword
        }
        tries = NitrokeyMemory.pinTries
        guard new.count >= shortest else { throw .wrongPassword }
        pin = new
    }

    /// Of an OpenPGP card.
    private static let shortestUserPIN = 6
    private static let shortestAdminPIN = 8
}
