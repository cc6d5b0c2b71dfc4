import SecretFormats

/// Codes of a host, as boot programs show them to the key (Nitrokey/nitrokey-hotp-verification; Heads).
///
/// Exchanges of a write: LIST (names in use), VERIFY PIN, PUT, VERIFY CODE (the proof). Only PUT takes the PIN: what is not
/// put under it by `WriteOptions.pin` is checked without, since a computer that starts has nobody to ask.
extension Nitrokey3Session: HostVerifying {
    func check(_ credential: HostCredential, _ options: WriteOptions) throws(DeviceError) {
        try Nitrokey3.features.require(credential, options, firmware: app.selected.version)
        _ = try OATHCredentialID(credential.label, credential.credential.kind)
        guard app.selected.pinTriesLeft != nil else { throw .pinNotSet(.user) }
    }

    func write(
        _ credential: HostCredential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        let id = try OATHCredentialID(credential.label, credential.credential.kind)
        guard pin != nil else { throw .pinRequired(.user) }
        let kind = OATHKind.reverseHOTP(credential.algorithm)
        observe(.writing)
        try makeRoom(for: id, observe)
        try put(id, credential.credential, as: kind, options, counter: credential.provenCounter, observe)
        try prove(id, credential, options, observe)
        guard credential.counter == 0 else { return .accepted }
        try deleteProven(id, options, observe)
        try put(id, credential.credential, as: kind, options, counter: credential.counter, observe)
        return .accepted
    }

    func accepts(code: UInt32, of credential: StoredCredential) throws(DeviceError) -> Bool {
        guard credential.kind == .reverseHOTP else { throw .notSupported(.otherDirection) }
        let flags = flags[credential.id] ?? []
        try open(credential)
        do throws(DeviceError) {
            return try app.verifyCode(OATHCredentialID(bytes: credential.id), code)
        } catch {
            // Where no touch is asked for, the same status is that of a key that makes guessing slow.
            guard error == .touchTimedOut, flags.isDisjoint(with: [.touchRequired, .encrypted]) else { throw error }
            throw .tooSoonAfterWrongCode
        }
    }

    private func prove(
        _ id: OATHCredentialID, _ credential: HostCredential, _ options: WriteOptions,
        _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        let code: UInt32
        do throws(CryptoError) { code = try credential.provenCode } catch { throw .hostCryptography }
        // The PIN does for the touch that the credential asks for.
        observe(options.touch && !options.pin ? .touch : .proving)
        if options.pin { try verifyPIN() }
        guard try app.verifyCode(id, code) else { throw .verificationFailed }
    }
}
