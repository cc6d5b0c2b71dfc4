import ByteBuffers
public import SecretFormats

/// What a session can do besides where PINs are set and changed over USB.
public protocol PINChanging: PINProvisioning {
    /// Of the device's family, see `FamilyFeatures.newPINs`.
    var newPINs: [NewPIN] { get }

    /// Whether the device has that PIN. Costs no transfer.
    func isSet(_ pin: PIN) -> Bool

    /// Sets the PIN of a device that has none yet.
    ///
    /// - Parameter new: UTF-8 text.
    /// - Throws: `.pinAlreadySet`; `.malformedPIN` for a new one that `check` refuses.
    func set(_ new: Secret, as pin: PIN) throws(DeviceError)

    /// Gives the device another PIN. The old one is tried once.
    ///
    /// - Parameters:
    ///   - old: UTF-8 text.
    ///   - new: UTF-8 text.
    /// - Throws: `.wrongPIN`, `.pinBlocked`; `.pinNotSet` where the device has none; `.malformedPIN` for an old one that no
    ///   device of the family can have, and for a new one that `check` refuses.
    func change(_ pin: PIN, from old: Secret, to new: Secret) throws(DeviceError)
}

/// What a new PIN of a family's devices has to be like.
public struct NewPIN: Hashable, Sendable {
    public let pin: PIN
    /// In bytes of UTF-8.
    public let lengths: ClosedRange<Int>

    public init(_ pin: PIN, lengths: ClosedRange<Int>) { (self.pin, self.lengths) = (pin, lengths) }
}

extension PINChanging {
    /// Refuses a PIN that the device cannot be given. Costs no transfer.
    public func check(_ pin: PIN) throws(DeviceError) { _ = try lengths(of: pin) }

    /// Refuses what the device would not take as its PIN, or would take as another one: control characters cannot be typed
    /// where the PIN is asked for, and end it where it is padded with zeros. Costs no transfer.
    public func check(_ new: Secret, as pin: PIN) throws(DeviceError) {
        let lengths = try lengths(of: pin)
        guard lengths.contains(new.count) else { throw .malformedPIN(.newLength(pin, lengths)) }
        let isText = new.withBytes { bytes in
            (0..<bytes.byteCount).allSatisfy { bytes.byte(at: $0).map { $0 >= UInt8(ascii: " ") } ?? false }
        }
        guard isText else { throw .malformedPIN(.newCharacters) }
    }

    private func lengths(of pin: PIN) throws(DeviceError) -> ClosedRange<Int> {
        guard let new = newPINs.first(where: { $0.pin == pin }) else { throw .notSupported(.newPIN(pin)) }
        return new.lengths
    }
}
