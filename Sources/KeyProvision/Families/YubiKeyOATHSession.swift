import ByteBuffers
import SecretFormats

/// The OATH application of one YubiKey.
///
/// Exchanges of an enrollment, each with its reason: power on (the card is off before), SELECT and READ CONFIG of the
/// management applet (serial and firmware for the record), SELECT of the OATH applet, LIST (PUT overwrites without a
/// question), PUT, CALCULATE (the proof), power off (ends an unlocked session). A HOTP credential that starts at
/// counter 0 takes a second PUT, see `write`.
final class YubiKeyOATHSession: ProvisioningSession {
    let device: DeviceInfo
    private let oath: OATHSession
    private let random: any RandomSource
    private var isOpen = true

    /// Number of the time step that the proof is computed for; any would do.
    private static let proofStep: UInt64 = 1
    private static let capacityBefore57 = 32
    private static let capacitySince57 = 64

    init(device: DeviceInfo, oath: OATHSession, random: any RandomSource) {
        self.device = device
        self.oath = oath
        self.random = random
    }

    deinit { close() }

    var isLocked: Bool { oath.isLocked }

    /// A NEO is bounded by bytes, not by a number (its applet's list buffer).
    var capacity: Int? {
        guard oath.selected.version >= Version(4, 0, 0) else { return nil }
        return oath.selected.version >= OATHFeature.moreCredentials.minimum
            ? Self.capacitySince57 : Self.capacityBefore57
    }

    func unlock(accessCode: Secret) throws(DeviceError) {
        let key = try oath.accessKey(for: accessCode)
        try oath.validate(key, hostChallenge: try challenge())
    }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try YubiKeyOATH.features.require(credential, options, firmware: oath.selected.version)
        if options.touch { try OATHFeature.touch.require(oath.selected.version) }
        if credential.algorithm == .sha512 { try OATHFeature.sha512.require(oath.selected.version) }
        _ = try OATHCredentialID(credential.label, credential.kind)
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        try oath.list().map { StoredCredential($0.id, $0.kind) }
    }

    func wouldOverwrite(_ stored: StoredCredential, with credential: Credential, _ options: WriteOptions) -> Bool {
        (try? OATHCredentialID(credential.label, credential.kind))?.bytes == stored.id
    }

    /// Writes and proves by the whole HMAC.
    ///
    /// Computing a HOTP code steps the key's counter, and the server must not fall behind. A credential that starts at
    /// n > 0 is therefore written with n − 1, and the proof steps it to n. One that starts at 0 is written once more
    /// after the proof, by the very command that was proven, which sets its counter back: the one case that costs a
    /// second write.
    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        let id = try OATHCredentialID(credential.label, credential.kind)
        func put(counter: UInt32?) throws(DeviceError) {
            try oath.put(
                id, credential.kind, credential.algorithm, digits: credential.digits, key: credential.secret,
                touch: options.touch, counter: counter)
        }

        observe(.writing)
        switch credential.kind {
        case .totp:
            try put(counter: nil)
            try prove(id, credential, challenge: Self.proofStep, counter: Self.proofStep, options, observe)
        case .hotp(let counter):
            let proven = counter == 0 ? 0 : counter - 1
            try put(counter: UInt32(clamping: proven))
            try prove(id, credential, challenge: nil, counter: proven, options, observe)
            if counter == 0 { try put(counter: 0) }
        }
        return .full
    }

    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        let calculation = try oath.calculate(
            OATHCredentialID(bytes: credential.id), challenge: credential.challenge(at: unixTime), full: false)
        guard let code = DeviceCode(credential, calculation) else { throw .malformedResponse(during: .calculating) }
        return code
    }

    /// One exchange gives all codes for steps of 30 seconds; those with another period are computed one by one.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        let period = UInt64(OATHCredentialID.defaultPeriod)
        let calculations = try oath.calculateAll(challenge: unixTime / period)
        return try calculations.map { id, calculation throws(DeviceError) in
            let kind: Credential.Kind = calculation == .isHOTP ? .hotp(counter: 0) : .totp(period: 0)
            let credential = StoredCredential(id, OATHKind(kind, .sha1), algorithm: nil)
            if case .truncated = calculation, credential.kind != .totp(period: OATHCredentialID.defaultPeriod) {
                return try code(for: credential, at: unixTime)
            }
            guard let code = DeviceCode(credential, calculation) else {
                throw .malformedResponse(during: .calculating)
            }
            return code
        }
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        try OATHFeature.rename.require(oath.selected.version)
        let kind: Credential.Kind
        switch credential.kind {
        case .totp(let period): kind = .totp(period: period)
        case .hotp, .unknown: kind = .hotp(counter: 0)
        }
        try oath.rename(OATHCredentialID(bytes: credential.id), to: OATHCredentialID(label, kind))
    }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        try oath.delete(OATHCredentialID(bytes: credential.id))
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        oath.close()
    }

    private func prove(
        _ id: OATHCredentialID, _ credential: Credential, challenge: UInt64?, counter: UInt64, _ options: WriteOptions,
        _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        observe(options.touch ? .touch : .proving)
        let calculation = try oath.calculate(id, challenge: challenge, full: true, during: .verifying)
        guard case .full(let digits, let mac) = calculation else { throw .malformedResponse(during: .verifying) }
        let expected: [UInt8]
        do throws(CryptoError) {
            expected = try OneTimePassword.response(
                secret: credential.secret, algorithm: credential.algorithm, counter: counter)
        } catch {
            throw .hostCryptography
        }
        guard Int(digits) == credential.digits, ConstantTime.areEqual(mac, expected) else { throw .verificationFailed }
    }

    private func challenge() throws(DeviceError) -> [UInt8] {
        do throws(CryptoError) {
            return try Secret.random(count: YKOATH.challengeLength, from: random).withBytes { [UInt8](copying: $0) }
        } catch {
            throw .hostCryptography
        }
    }
}

extension StoredCredential {
    init(_ id: OATHCredentialID, _ kind: OATHKind) { self.init(id, kind, algorithm: kind.algorithm) }

    init(_ id: OATHCredentialID, _ oathKind: OATHKind, algorithm: HashAlgorithm?) {
        let parts = id.parts(isTOTP: oathKind.isTOTP)
        let kind: Kind =
            if oathKind.isTOTP {
                .totp(period: parts.period)
            } else if oathKind.isHOTP {
                .hotp
            } else {
                .unknown(oathKind.rawValue)
            }
        self.init(id: id.bytes, issuer: parts.issuer, account: parts.account, kind: kind, algorithm: algorithm)
    }

    /// The challenge of CALCULATE; nil for HOTP.
    fileprivate func challenge(at unixTime: UInt64) -> UInt64? {
        if case .totp(let period) = kind { unixTime / UInt64(max(period, 1)) } else { nil }
    }
}

extension DeviceCode {
    /// - Returns: nil for an answer that is no code.
    fileprivate init?(_ credential: StoredCredential, _ calculation: OATHSession.Calculation) {
        switch calculation {
        case .truncated(let digits, let value):
            guard let code = OneTimePassword.code(truncated: value, digits: Int(digits)) else { return nil }
            self.init(credential: credential, value: .code(code))
        case .needsTouch: self.init(credential: credential, value: .needsTouch)
        case .isHOTP: self.init(credential: credential, value: .stepsCounter)
        case .full: return nil
        }
    }
}
