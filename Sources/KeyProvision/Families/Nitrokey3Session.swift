import SecretFormats

/// The secrets application of one Nitrokey 3.
///
/// Exchanges of an enrollment, each with its reason: INIT (a channel), SELECT (serial, version and the PIN's tries), LIST
/// (names in use), PUT, two CALCULATE (the proof).
///
/// The application overwrites nothing and deletes only at a touch, so replacing takes one, and so does a HOTP credential
/// that starts at 0: its proof steps the counter, and only deleting it sets that back.
final class Nitrokey3Session: PINProvisioning {
    let device: DeviceInfo
    let app: SecretsApp
    let onTouch: () -> Void
    private(set) var pin: Secret?
    /// What the last list told, by name.
    private(set) var flags: [[UInt8]: SecretsListFlags] = [:]
    private var isOpen = true

    /// Time steps of the proof. Two that are no neighbors; any would do.
    private static let proofSteps: [UInt64] = [1, 37_037_036]

    init(device: DeviceInfo, app: SecretsApp, onTouch: @escaping () -> Void) {
        (self.device, self.app, self.onTouch) = (device, app, onTouch)
    }

    deinit { close() }

    var capacity: Int? { SecretsWire.capacity }

    /// Nothing is locked as a whole: single credentials are hidden behind the PIN.
    var isLocked: Bool { false }

    func unlock(accessCode: Secret) throws(DeviceError) {
        throw .notSupported(.feature("an access code", needs: nil, has: app.selected.version))
    }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try Nitrokey3.features.require(credential, options, firmware: app.selected.version)
        if options.pin, app.selected.pinTriesLeft == nil { throw .pinNotSet(.user) }
        _ = try OATHCredentialID(credential.label, credential.kind)
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        try verifyPIN()
        let entries = try app.list()
        flags = Dictionary(entries.map { ($0.id.bytes, $0.flags) }) { first, _ in first }
        return entries.map { StoredCredential($0.id, $0.kind) }
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        (try? OATHCredentialID(terms.label, terms.kind))?.bytes == stored.id
    }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        let id = try OATHCredentialID(credential.label, credential.kind)
        if options.pin, pin == nil { throw .pinRequired(.user) }
        observe(.writing)
        try makeRoom(for: id, observe)
        switch credential.kind {
        case .totp:
            try put(id, credential, options, counter: nil, observe)
            // A touch, or the PIN with a touch, is asked for each time.
            let isAttended = options.touch || options.pin
            for step in Self.proofSteps.prefix(isAttended ? 1 : Self.proofSteps.count) {
                try prove(id, credential, step, options, observe)
            }
        case .hotp(let counter):
            let proven = counter == 0 ? 0 : counter - 1
            try put(id, credential, options, counter: proven, observe)
            try prove(id, credential, proven, options, observe)
            guard counter == 0 else { break }
            try deleteProven(id, options, observe)
            try put(id, credential, options, counter: counter, observe)
        }
        return .codes
    }

    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        let challenge: UInt64
        switch credential.kind {
        case .totp(let period): challenge = OneTimePassword.timeStep(at: unixTime, period: period)
        case .hotp: challenge = 0
        case .reverseHOTP: throw .notSupported(.checksCodesOnly)
        case .unknown:
            throw .notSupported(
                .feature("computing codes of '\(credential.name)'", needs: nil, has: app.selected.version))
        }
        try open(credential)
        let (digits, word) = try app.calculate(
            OATHCredentialID(bytes: credential.id), challenge: challenge, during: .calculating)
        guard let code = OneTimePassword.code(truncated: word, digits: digits) else {
            throw .malformedResponse(during: .calculating)
        }
        return DeviceCode(credential: credential, value: .code(code))
    }

    /// Gives what the next command on a credential takes: the PIN, or a touch that somebody has to be asked for.
    func open(_ credential: StoredCredential) throws(DeviceError) {
        let flags = flags[credential.id] ?? []
        if flags.contains(.encrypted) {
            try verifyPIN()
        } else if flags.contains(.touchRequired) {
            onTouch()
        }
    }

    /// The application has no command for all codes. What is neither TOTP nor HOTP, such as a password or a credential of
    /// the other direction, is left out.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        var codes: [DeviceCode] = []
        for stored in try list() {
            let flags = flags[stored.id] ?? []
            switch stored.kind {
            case .reverseHOTP, .unknown: break
            case .hotp: codes.append(DeviceCode(credential: stored, value: .stepsCounter))
            case .totp where !flags.isDisjoint(with: [.touchRequired, .encrypted]):
                codes.append(DeviceCode(credential: stored, value: .needsTouch))
            case .totp: codes.append(try code(for: stored, at: unixTime))
            }
        }
        return codes
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        let kind: Credential.Kind
        switch credential.kind {
        case .totp(let period): kind = .totp(period: period)
        case .hotp, .reverseHOTP, .unknown: kind = .hotp(counter: 0)
        }
        let new = try OATHCredentialID(label, kind)
        if flags[credential.id]?.contains(.encrypted) == true { try verifyPIN() }
        onTouch()
        try app.rename(OATHCredentialID(bytes: credential.id), to: new)
    }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        try refusePassword(flags[credential.id] ?? [])
        onTouch()
        try delete(OATHCredentialID(bytes: credential.id), during: .deleting)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        app.close()
    }

    // MARK: PIN

    func pins(for operation: PINOperation) -> [PINNeed] {
        if operation == .writeHost { return [.required(.user)] }
        guard app.selected.pinTriesLeft != nil else { return [] }
        if case .write(let options) = operation, options.pin { return [.required(.user)] }
        return [.helpful(.user)]
    }

    func triesLeft(of pin: PIN) throws(DeviceError) -> Int? { app.selected.pinTriesLeft }

    /// Keeps the PIN: the application wants it, and a touch, before each command that needs it.
    func use(_ secret: Secret, as pin: PIN) throws(DeviceError) {
        guard pin == .user, let left = app.selected.pinTriesLeft else { throw .pinNotSet(pin) }
        guard left > 0 else { throw .pinBlocked(pin) }
        try check(secret)
        self.pin = secret
    }

    /// Refuses what no PIN of the application can be, which would cost a try.
    func check(_ pin: Secret) throws(DeviceError) {
        let lengths = 1...SecretsWire.longestPIN
        guard lengths ~= pin.count else { throw .malformedPIN(.length(.user, lengths)) }
    }

    /// Opens the next command where a PIN was given.
    func verifyPIN() throws(DeviceError) {
        guard let pin else { return }
        onTouch()
        try spendingTry { () throws(DeviceError) in try app.verifyPIN(pin) }
    }

    /// Does what tries the PIN. After a wrong one the session forgets it and says what is left.
    func spendingTry(_ body: () throws(DeviceError) -> Void) throws(DeviceError) {
        do throws(DeviceError) {
            try body()
        } catch {
            guard case .wrongPIN = error else { throw error }
            pin = nil
            try app.selectAgain()
            throw app.selected.pinTriesLeft == 0
                ? .pinBlocked(.user) : .wrongPIN(.user, triesLeft: app.selected.pinTriesLeft)
        }
    }

    // MARK: Parts

    /// - Parameter kind: nil for that of the credential.
    func put(
        _ id: OATHCredentialID, _ credential: Credential, as kind: OATHKind? = nil, _ options: WriteOptions,
        counter: UInt64?, _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        let kind = kind ?? OATHKind(credential.kind, credential.algorithm)
        var properties: SecretsProperties = []
        if options.touch { properties.insert(.requireTouch) }
        if options.pin { properties.insert(.pinEncrypt) }
        if options.pin || kind.isReverseHOTP { try verifyPIN() }
        if options.touch, !options.pin { observe(.confirming) }
        do throws(DeviceError) {
            try app.put(
                id, kind, digits: credential.digits, key: credential.secret, properties,
                counter: counter.map { UInt32(clamping: $0) })
        } catch .alreadyExists where pin == nil && app.selected.pinTriesLeft != nil {
            // What the list did not show is behind the PIN.
            throw .nameHidden(behind: .user)
        }
    }

    private func prove(
        _ id: OATHCredentialID, _ credential: Credential, _ counter: UInt64, _ options: WriteOptions,
        _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        // The PIN does for the touch that the credential asks for.
        observe(options.touch && !options.pin ? .touch : .proving)
        if options.pin { try verifyPIN() }
        let (digits, word) = try app.calculate(id, challenge: counter, during: .verifying)
        let expected: UInt32?
        do throws(CryptoError) {
            expected = OneTimePassword.word(
                of: try OneTimePassword.response(
                    secret: credential.secret, algorithm: credential.algorithm, counter: counter))
        } catch {
            throw .hostCryptography
        }
        guard digits == credential.digits, word == expected else { throw .verificationFailed }
    }

    /// Deletes what the last list had under that name.
    func makeRoom(for id: OATHCredentialID, _ observe: (EnrollmentStep) -> Void) throws(DeviceError) {
        guard let flags = flags[id.bytes] else { return }
        try refusePassword(flags)
        observe(.confirming)
        try delete(id, during: .writing)
    }

    /// Deletes what was written and proven just now, so that it can be written with its counter anew.
    func deleteProven(
        _ id: OATHCredentialID, _ options: WriteOptions, _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        observe(.confirming)
        flags[id.bytes] = options.pin ? .encrypted : []
        try delete(id, during: .writing)
    }

    /// Takes the touch that was announced, and another one for the PIN of what is hidden behind it.
    func delete(_ id: OATHCredentialID, during step: DeviceStep) throws(DeviceError) {
        if flags[id.bytes]?.contains(.encrypted) == true { try verifyPIN() }
        try app.delete(id, during: step)
        flags[id.bytes] = nil
    }

    /// Deleting would take the password with it.
    func refusePassword(_ flags: SecretsListFlags) throws(DeviceError) {
        guard !flags.contains(.passwordSafe) else {
            throw .notSupported(
                .feature("deleting an entry that keeps a password too", needs: nil, has: app.selected.version))
        }
    }
}
