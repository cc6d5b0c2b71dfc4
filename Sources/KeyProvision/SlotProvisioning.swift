public import SecretFormats

/// What a session can do besides where the device has numbered places.
public protocol SlotProvisioning: ProvisioningSession {
    /// Exchanges the contents of the two slots, which keep their access codes.
    func swapSlots() throws(DeviceError)

    /// The access code that a slot has after a write, in bytes: a new one, or the one that was given to `unlock`, whether the
    /// slot had it before or not. nil for none.
    var accessCodeOfWrites: Secret? { get }

    /// Has the writes that follow leave their slot protected against being overwritten. Without this call a slot has the
    /// code that was given to `unlock`. Takes no transfer.
    ///
    /// - Parameter code: text in the device's own form; nil for none.
    func protectWrites(with code: Secret?) throws(DeviceError)

    /// Writes what a slot types over whatever is in it. A write is all that can be known of it: a slot that types
    /// computes nothing for the host.
    func write(_ typing: SlotTyping, to slot: Int) throws(DeviceError) -> Verification

    /// Gives a configured slot another access code and leaves what it holds.
    ///
    /// - Parameter code: text in the device's own form; nil for none.
    func protect(slot: Int, with code: Secret?) throws(DeviceError)
}
