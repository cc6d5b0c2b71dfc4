import SecretFormats

/// The PIN of the secrets application. SET PIN and CHANGE PIN take a touch each.
extension Nitrokey3Session: PINChanging {
    var newPINs: [NewPIN] { Nitrokey3.features.newPINs }

    func isSet(_ pin: PIN) -> Bool { pin == .user && app.selected.pinTriesLeft != nil }

    func set(_ new: Secret, as pin: PIN) throws(DeviceError) {
        try check(new, as: pin)
        guard !isSet(pin) else { throw .pinAlreadySet(pin) }
        onTouch()
        try app.setPIN(new)
        try app.selectAgain()
    }

    func change(_ pin: PIN, from old: Secret, to new: Secret) throws(DeviceError) {
        try check(new, as: pin)
        guard let left = app.selected.pinTriesLeft else { throw .pinNotSet(pin) }
        guard left > 0 else { throw .pinBlocked(pin) }
        try check(old)
        onTouch()
        try spendingTry { () throws(DeviceError) in try app.changePIN(from: old, to: new) }
    }
}
