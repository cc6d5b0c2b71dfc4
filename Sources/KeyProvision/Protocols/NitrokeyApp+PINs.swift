import ByteBuffers
import SecretFormats

/// Changing the PINs of the card (libnitrokey, `stick10_commands.h` and `stick20_commands.h`; nitrokey-storage-firmware,
/// `HID_ExcuteCmd`). PINs are filled up with zeros.
///
///     CHANGE_USER_PIN, CHANGE_ADMIN_PIN    1 25 PIN   26 25 new PIN
///     SEND_PASSWORD                        1 1 whose: P for user, A for admin   2 20 PIN        (Nitrokey Storage)
///     SEND_NEW_PASSWORD                    1 1 as before   2 20 new PIN
extension NitrokeyApp {
    /// What a Storage keeps between its two commands, in 20 bytes that are read up to a zero.
    static let longestNewStoragePIN = 19
    private static let storagePINLength = 20

    /// - Parameters:
    ///   - old: 1 to 25 bytes, or to 20 on a Storage.
    ///   - new: at most 25 bytes, or 19 on a Storage.
    /// - Throws: `.wrongPIN` without the tries that are left.
    func change(_ pin: PIN, from old: Secret, to new: Secret) throws(DeviceError) {
        try check(old, as: pin, longest: isStorage ? Self.storagePINLength : Self.longestPIN)
        guard !isStorage else { return try changeOnStorage(pin, from: old, to: new) }
        let payload = WipedBuffer()
        payload.append(old, paddedTo: Self.longestPIN)
        payload.append(new, paddedTo: Self.longestPIN)
        let response = try channel.exchange(
            pin == .admin ? .changeAdminPIN : .changeUserPIN, payload, during: .changingPIN)
        switch response.status {
        case .ok: break
        case .wrongPassword: throw .wrongPIN(pin, triesLeft: nil)
        default: throw .status(StatusWord(rawValue: UInt16(response.status.rawValue)), during: .changingPIN)
        }
    }

    /// The new one counts for the old one that was right just before.
    private func changeOnStorage(_ pin: PIN, from old: Secret, to new: Secret) throws(DeviceError) {
        guard try send(.sendPassword, pin, old) != .wrongPassword else { throw .wrongPIN(pin, triesLeft: nil) }
        let status = try send(.sendNewPassword, pin, new)
        guard status != .wrongPassword else {
            throw .status(StatusWord(rawValue: UInt16(status.rawValue)), during: .changingPIN)
        }
    }

    private func send(
        _ command: NitrokeyCommand, _ pin: PIN, _ secret: Secret
    ) throws(DeviceError) -> NitrokeyStorageStatus {
        let payload = WipedBuffer([pin == .admin ? UInt8(ascii: "A") : UInt8(ascii: "P")])
        payload.append(secret, paddedTo: Self.storagePINLength)
        let response = try channel.exchange(command, payload, during: .changingPIN)
        let status = response.storageStatus
        guard response.status == .ok, [.idle, .ok, .wrongPassword].contains(status) else {
            let code = response.status == .ok ? status.rawValue : response.status.rawValue
            throw .status(StatusWord(rawValue: UInt16(code)), during: .changingPIN)
        }
        return status
    }
}
