import SecretFormats

/// The PINs of the card in a Nitrokey Pro, a Nitrokey Storage or a Librem Key, which always has both.
extension NitrokeyProSession: PINChanging {
    var newPINs: [NewPIN] { NitrokeyPro.features(of: product).newPINs }

    func isSet(_ pin: PIN) -> Bool { true }

    func set(_ new: Secret, as pin: PIN) throws(DeviceError) {
        try check(new, as: pin)
        throw .pinAlreadySet(pin)
    }

    func change(_ pin: PIN, from old: Secret, to new: Secret) throws(DeviceError) {
        try check(new, as: pin)
        try spendingTry(of: pin) { () throws(DeviceError) in try app.change(pin, from: old, to: new) }
    }
}
