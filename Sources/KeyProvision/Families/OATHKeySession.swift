import ByteBuffers
import SecretFormats

/// The YKOATH application of one key, in the dialect of its maker.
///
/// Exchanges of an enrollment, each with its reason: power on (the card is off before), who the key is (for the record),
/// SELECT of the OATH applet, LIST (PUT overwrites without a question), PUT, CALCULATE (the proof; twice where it gives
/// four bytes of the HMAC), power off (ends an unlocked session). A HOTP credential that starts at the lowest counter takes
/// a second PUT, see `write`.
final class OATHKeySession: ProvisioningSession {
    let device: DeviceInfo
    let capacity: Int?
    private let oath: OATHSession
    private let features: FamilyFeatures
    private let options: SessionOptions
    private var isOpen = true

    /// Numbers of the time steps that the proof is computed for; any would do.
    private static let proofSteps: [UInt64] = [1, 2]

    init(
        device: DeviceInfo, oath: OATHSession, features: FamilyFeatures, capacity: Int?, options: SessionOptions
    ) {
        (self.device, self.oath, self.features) = (device, oath, features)
        (self.capacity, self.options) = (capacity, options)
    }

    deinit { close() }

    var isLocked: Bool { oath.isLocked }

    func unlock(accessCode: Secret) throws(DeviceError) {
        let key = try oath.accessKey(for: accessCode)
        try oath.validate(key, hostChallenge: try challenge())
    }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        let version = oath.selected.version
        try features.require(credential, options, firmware: version)
        if options.touch { try features.require(features.touch, OATHFeature.touch.rawValue, firmware: version) }
        if let minimum = features.algorithmsSince[credential.algorithm] {
            try features.require(.since(minimum), credential.algorithm.rawValue, firmware: version)
        }
        _ = try OATHCredentialID(credential.label, credential.kind)
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        try oath.list().map { StoredCredential($0.id, $0.kind) }
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        (try? OATHCredentialID(terms.label, terms.kind))?.bytes == stored.id
    }

    /// Writes and proves, by the whole HMAC where the key gives it.
    ///
    /// Computing a HOTP code steps the key's counter, and the server must not fall behind. A credential that starts at
    /// n is therefore written so that the proof computes n − 1 and leaves the counter at n. Where nothing stands before n
    /// it is written once more after the proof, by the very command that was proven, which sets its counter back: the one
    /// case that costs a second write.
    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        let id = try OATHCredentialID(credential.label, credential.kind)
        observe(.writing)
        switch credential.kind {
        case .totp:
            try put(id, credential, options, counter: nil)
            observe(options.touch ? .touch : .proving)
            for step in Self.proofSteps.prefix(oath.dialect.computesWholeHMAC ? 1 : 2) {
                try prove(id, credential, challenge: step, counter: step)
            }
        case .hotp(let counter):
            let lowest = oath.dialect.lowestCounter
            guard counter >= lowest else { throw .notSupported(.counterTooSmall(minimum: lowest)) }
            let proven = max(counter, lowest + 1) - 1
            func put() throws(DeviceError) {
                try self.put(id, credential, options, counter: UInt32(clamping: proven - lowest))
            }
            try put()
            observe(options.touch ? .touch : .proving)
            try prove(id, credential, challenge: nil, counter: proven)
            if counter == proven {
                if !oath.dialect.overwrites { try oath.delete(id) }
                try put()
            }
        }
        return oath.dialect.computesWholeHMAC ? .full : .codes
    }

    /// Writes over whatever has the name. A key that refuses a name in use is told to delete it first.
    private func put(
        _ id: OATHCredentialID, _ credential: Credential, _ options: WriteOptions, counter: UInt32?
    ) throws(DeviceError) {
        func put() throws(DeviceError) {
            try oath.put(
                id, credential.kind, credential.algorithm, digits: credential.digits, key: credential.secret,
                touch: options.touch, counter: counter)
        }
        do throws(DeviceError) {
            try put()
        } catch .alreadyExists {
            try oath.delete(id)
            try put()
        }
    }

    /// Where a key waits for touches, the command for all codes comes first: in one exchange it tells this code, or that it
    /// takes a touch, which nobody gives who is not asked. Of HOTP it tells neither.
    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        let challenge = credential.challenge(at: unixTime)
        guard features.touch.isGiven(by: oath.selected.version) else { return try compute(credential, challenge) }
        guard let challenge else {
            options.onPossibleTouch()
            return try compute(credential, nil)
        }
        let all = try oath.calculateAll(challenge: challenge)
        guard let (_, known) = all.first(where: { $0.id.bytes == credential.id }) else { throw .noSuchCredential }
        guard known == .needsTouch else { return try code(of: credential, known) }
        options.onTouch()
        return try compute(credential, challenge)
    }

    private func compute(_ credential: StoredCredential, _ challenge: UInt64?) throws(DeviceError) -> DeviceCode {
        let id = OATHCredentialID(bytes: credential.id)
        return try code(of: credential, try oath.calculate(id, challenge: challenge, full: false))
    }

    private func code(
        of credential: StoredCredential, _ calculation: OATHSession.Calculation
    ) throws(DeviceError) -> DeviceCode {
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
                return try compute(credential, credential.challenge(at: unixTime))
            }
            return try code(of: credential, calculation)
        }
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        try features.require(features.renaming, OATHFeature.rename.rawValue, firmware: oath.selected.version)
        let kind: Credential.Kind
        switch credential.kind {
        case .totp(let period): kind = .totp(period: period)
        case .hotp, .reverseHOTP, .unknown: kind = .hotp(counter: 0)
        }
        try oath.rename(OATHCredentialID(bytes: credential.id), to: OATHCredentialID(label, kind))
    }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        if oath.dialect.deletesWhatIsMissing {
            guard try oath.list().contains(where: { $0.id.bytes == credential.id }) else { throw .noSuchCredential }
        }
        try oath.delete(OATHCredentialID(bytes: credential.id))
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        oath.close()
    }

    private func prove(
        _ id: OATHCredentialID, _ credential: Credential, challenge: UInt64?, counter: UInt64
    ) throws(DeviceError) {
        let isWhole = oath.dialect.computesWholeHMAC
        let calculation = try oath.calculate(id, challenge: challenge, full: isWhole, during: .verifying)
        let mac: [UInt8]
        do throws(CryptoError) {
            mac = try OneTimePassword.response(
                secret: credential.secret, algorithm: credential.algorithm, counter: counter)
        } catch {
            throw .hostCryptography
        }
        switch calculation {
        case .full(let digits, let answer) where isWhole:
            guard Int(digits) == credential.digits, ConstantTime.areEqual(answer, mac) else {
                throw .verificationFailed
            }
        case .truncated(let digits, let word) where !isWhole:
            guard Int(digits) == credential.digits, word == OneTimePassword.word(of: mac) else {
                throw .verificationFailed
            }
        default: throw .malformedResponse(during: .verifying)
        }
    }

    private func challenge() throws(DeviceError) -> [UInt8] {
        do throws(CryptoError) {
            return try Secret.random(count: YKOATH.challengeLength, from: options.random)
                .withBytes { [UInt8](copying: $0) }
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
            } else if oathKind.isReverseHOTP {
                .reverseHOTP
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
