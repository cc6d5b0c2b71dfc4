import SecretFormats

/// The two slots of one YubiKey.
///
/// Frames of an enrollment, each with its reason: device info or serial (for the record), status (a write asks nothing),
/// configuration, challenge (the proof; not for HOTP, which the key only types).
final class YubiKeySlotsSession: SlotProvisioning {
    let device: DeviceInfo
    private let otp: OTPSession
    private var accessCode: OTPAccessCode?
    private var protection = Protection.asBefore
    private var isOpen = true

    /// What protects a slot after a write.
    private enum Protection {
        /// The code that was given for the slot as it is: whether it has one it does not tell.
        case asBefore
        case given(OTPAccessCode?)
    }

    /// Number of the time step that the proof is computed for; any would do.
    private static let proofStep: UInt64 = 1

    init(device: DeviceInfo, otp: OTPSession) {
        self.device = device
        self.otp = otp
    }

    deinit { close() }

    var capacity: Int? { OTPSlot.allCases.count }

    /// Slots have their codes one by one, and do not tell whether they have one.
    var isLocked: Bool { false }

    /// Keeps the code for what is written to a protected slot. Takes no transfer: only a write finds out whether the
    /// code is right.
    ///
    /// - Parameter accessCode: 12 hexadecimal digits.
    func unlock(accessCode: Secret) throws(DeviceError) {
        self.accessCode = try self.accessCode(accessCode)
    }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try YubiKeySlots.features.require(credential, options, firmware: otp.status.version)
        switch credential.kind {
        case .totp: try OTPFeature.challengeResponse.require(otp.status.version)
        case .hotp:
            try OTPFeature.hotp.require(otp.status.version)
            try requireCount()
        }
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        let status = try otp.readStatus(during: .listing)
        return OTPSlot.allCases.filter(status.isConfigured).map { StoredCredential($0, status) }
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.place == options.slot
    }

    /// Writes, and has the key compute the whole HMAC where it can.
    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        guard let slot = options.slot.flatMap(OTPSlot.init(rawValue:)) else { throw .notSupported(.slots) }
        observe(.writing)
        switch credential.kind {
        case .totp:
            try write(.hmacSHA1(key: credential.secret, touch: options.touch), to: slot)
            observe(options.touch ? .touch : .proving)
            try prove(credential, in: slot)
            return .full
        case .hotp(let counter):
            try write(
                .oathHOTP(
                    key: credential.secret, hasEightDigits: credential.digits == 8,
                    counter: UInt32(clamping: counter)), to: slot)
            return .writeOnly
        }
    }

    /// - Throws: `.notSupported` for a slot that does not compute; a touch is waited for where the slot wants one.
    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        guard let slot = credential.otpSlot else { throw .noSuchCredential }
        guard try otp.readStatus(during: .calculating).isConfigured(slot) else { throw .noSuchCredential }
        let step = OneTimePassword.timeStep(at: unixTime, period: credential.period)
        guard let mac = try otp.respond(to: OneTimePassword.message(for: step), in: slot, during: .calculating) else {
            throw .notSupported(
                .feature("computing codes in slot \(slot.rawValue)", needs: nil, has: otp.status.version))
        }
        guard let code = OneTimePassword.truncate(mac, digits: credential.digits ?? Credential.defaultDigits) else {
            throw .malformedResponse(during: .calculating)
        }
        return DeviceCode(credential: credential, value: .code(code))
    }

    /// A slot that answers other challenges than ours (Yubico OTP) has no code and is left out.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        var codes: [DeviceCode] = []
        for stored in try list() {
            guard case .totp = stored.kind else {
                codes.append(DeviceCode(credential: stored, value: .needsTouch))
                continue
            }
            do throws(DeviceError) {
                codes.append(try code(for: stored, at: unixTime))
            } catch {
                guard case .notSupported = error else { throw error }
            }
        }
        return codes
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        throw .notSupported(.feature("names", needs: nil, has: otp.status.version))
    }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        guard let slot = credential.otpSlot, try otp.readStatus(during: .deleting).isConfigured(slot) else {
            throw .noSuchCredential
        }
        try otp.delete(slot, currentCode: accessCode)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        otp.close()
    }

    // MARK: Slots

    func swapSlots() throws(DeviceError) {
        try OTPFeature.swap.require(otp.status.version)
        let status = try otp.readStatus(during: .swapping)
        // The key refuses that without a reason, as it does everything.
        guard OTPSlot.allCases.contains(where: status.isConfigured) else { throw .slotsEmpty }
        try otp.swap(currentCode: accessCode)
    }

    var accessCodeOfWrites: Secret? { codeOfWrites?.bytes }

    func protectWrites(with code: Secret?) throws(DeviceError) { protection = .given(try accessCode(code)) }

    func write(_ typing: SlotTyping, to slot: Int) throws(DeviceError) -> Verification {
        let slot = try self.slot(slot)
        try requireCount()
        switch typing {
        case .yubicoOTP(let credential): try write(.yubicoOTP(credential), to: slot)
        case .password(let password):
            try OTPFeature.shortTicket.require(otp.status.version)
            try write(.staticPassword(password), to: slot)
        }
        return .writeOnly
    }

    /// An update sets the flags too, and the key does not tell them: they become those with which this program writes
    /// such a slot. What kind it is shows in whether it works at a touch, and whether it then waits for one.
    func protect(slot: Int, with code: Secret?) throws(DeviceError) {
        let (slot, version, newCode) = (try self.slot(slot), otp.status.version, try accessCode(code))
        try OTPFeature.update.require(version)
        guard !OTPFeature.updateKeepsAccessCode.contains(version) else {
            throw .notSupported(.feature(OTPFeature.update.rawValue, needs: nil, has: version))
        }
        let status = try otp.readStatus(during: .settingAccessCode)
        guard status.isConfigured(slot) else { throw .noSuchCredential }
        try requireCount()
        let touch = status.needsTouch(slot)
        let computes = touch ? try otp.waitsForTouch(in: slot, during: .settingAccessCode) : true
        try otp.update(
            .flags(computes: computes, touch: touch), of: slot, newCode: newCode, currentCode: accessCode)
    }

    /// Where a write is all that can be known, it has to be counted: over the card not every firmware does.
    private func requireCount() throws(DeviceError) {
        guard otp.countsWrites else {
            throw .notSupported(
                .feature("counting writes over the smart card", needs: Version(5, 4, 3), has: otp.status.version))
        }
    }

    private func slot(_ number: Int) throws(DeviceError) -> OTPSlot {
        guard let slot = OTPSlot(rawValue: number) else {
            throw .notSupported(.feature("slot \(number)", needs: nil, has: otp.status.version))
        }
        return slot
    }

    private func accessCode(_ text: Secret?) throws(DeviceError) -> OTPAccessCode? {
        let code = text.flatMap(OTPAccessCode.init(hexadecimal:))
        guard (text == nil) == (code == nil) else { throw .malformedAccessCode }
        return code
    }

    private func write(_ configuration: OTPConfiguration, to slot: OTPSlot) throws(DeviceError) {
        try otp.write(configuration, to: slot, newCode: codeOfWrites, currentCode: accessCode)
    }

    private var codeOfWrites: OTPAccessCode? {
        switch protection {
        case .asBefore: accessCode
        case .given(let code): code
        }
    }

    private func prove(_ credential: Credential, in slot: OTPSlot) throws(DeviceError) {
        let mac = try otp.respond(to: OneTimePassword.message(for: Self.proofStep), in: slot, during: .verifying)
        let expected: [UInt8]
        do throws(CryptoError) {
            expected = try OneTimePassword.response(
                secret: credential.secret, algorithm: credential.algorithm, counter: Self.proofStep)
        } catch {
            throw .hostCryptography
        }
        guard let mac, ConstantTime.areEqual(mac, expected) else { throw .verificationFailed }
    }
}

extension StoredCredential {
    /// A slot has no name, and the key does not say what is in it. One that is configured and needs no touch computes;
    /// what for, the host has to know: 30 seconds and six digits unless it is told otherwise.
    init(_ slot: OTPSlot, _ status: OTPStatus) {
        let kind: Kind =
            status.needsTouch(slot) ? .unknown(status.bits(slot)) : .totp(period: Credential.defaultPeriod)
        self.init(
            id: [UInt8(truncatingIfNeeded: slot.rawValue)], issuer: nil, account: "", kind: kind,
            algorithm: status.needsTouch(slot) ? nil : .sha1, digits: Credential.defaultDigits, place: slot.rawValue)
    }

    fileprivate var otpSlot: OTPSlot? { place.flatMap(OTPSlot.init(rawValue:)) }

    fileprivate var period: Int {
        if case .totp(let period) = kind { period } else { Credential.defaultPeriod }
    }
}
