import SecretFormats

/// The TOTPs of one Mooltipass BLE whose card is in and unlocked.
///
/// Messages of an enrollment, each with its reason: device status (can it answer), platform (which key and bundle), date
/// (codes take a clock), into management mode, first service and nodes (names in use), free nodes (room), out of management
/// mode, the store, two codes (the proof).
///
/// Before bundle 8 no codes go over USB; what proves a write there is that the login has a TOTP of that kind then.
final class MooltipassBLESession: ProvisioningSession {
    let device: DeviceInfo
    private let channel: MooltipassChannel
    private let management: MooltipassManagement
    /// When the session began, and with it the key's clock.
    private let unixTime: UInt64
    private let onApproval: () -> Void
    /// As the last list told, so that one command does not ask twice for the same.
    private var listed: [StoredCredential]?
    private var isOpen = true

    init(device: DeviceInfo, channel: MooltipassChannel, options: SessionOptions) {
        (self.device, self.channel) = (device, channel)
        management = MooltipassManagement(channel)
        (unixTime, onApproval) = (options.unixTime, options.onTouch)
    }

    deinit { close() }

    private var firmware: Version { device.firmware ?? Version(0, 0, 0) }
    private var tellsCodes: Bool { firmware >= MooltipassWire.firstWithCodes }

    /// Logins share the memory with files and notes.
    var capacity: Int? { nil }

    /// A locked key opens no session.
    var isLocked: Bool { false }

    /// The card's PIN is entered on the key.
    func unlock(accessCode: Secret) throws(DeviceError) { throw .notSupported(.accessCode) }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try MooltipassBLE.features.require(credential, options, firmware: firmware)
        guard !options.touch else {
            throw refusal("a touch for each code: each is approved on its display as it is")
        }
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        onApproval()
        let database = try management.run(during: .listing) { () throws(DeviceError) in
            try management.readAll(during: .listing)
        }
        return remember(database)
    }

    func neighbors(
        of credential: Credential, _ options: WriteOptions
    ) throws(DeviceError) -> [StoredCredential] {
        let name = MooltipassName(credential.label)
        onApproval()
        let (database, hasRoom) = try management.run(during: .listing) { () throws(DeviceError) in
            let database = try management.readAll(during: .listing)
            let isNewService = database.service(name.service) == nil
            return (database, try management.hasRoom(services: isNewService ? 1 : 0, during: .listing))
        }
        guard !database.divertsStore(of: name) else {
            throw refusal("a login whose TOTP it would keep under another one, in its own way of grouping")
        }
        guard hasRoom || !database.logins(name).isEmpty else { throw .full(capacity: nil) }
        return remember(database)
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.id == MooltipassName(terms.label).bytes
    }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        let name = MooltipassName(credential.label)
        let store = MooltipassMessage.storeTOTP(name, secret: try key(of: credential), digits: credential.digits)
        listed = nil
        observe(.writing)
        observe(.approving)
        guard try channel.isDone(store, within: .approved, during: .writing) else {
            throw .notApproved(during: .writing)
        }
        observe(.proving)
        observe(.approving)
        guard tellsCodes else {
            try requireListed(credential)
            return .labelOnly
        }
        let step = try provenStep(
            of: credential, from: OneTimePassword.timeStep(at: unixTime, period: MooltipassWire.period))
        // One code of six digits may be right by chance. The clock is not set ahead for the second one: the key's user lives
        // by it.
        observe(.awaitingNextCode)
        try channel.wait(looks: Self.looksBetweenCodes, during: .verifying)
        observe(.approving)
        _ = try provenStep(of: credential, from: step + 1)
        return .codes
    }

    /// - Parameter unixTime: about now; the key computes by its own clock, at the moment when it is approved.
    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        guard tellsCodes else { throw .notSupported(.codesOnKeyOnly) }
        guard Self.distance(unixTime, self.unixTime) <= Self.clockTolerance else {
            throw refusal("codes of another time than now")
        }
        guard let name = MooltipassName(id: credential.id) else { throw .noSuchCredential }
        onApproval()
        return DeviceCode(credential: credential, value: .code(try code(of: name, during: .calculating)))
    }

    /// None without an approval.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        let value: DeviceCode.Value = tellsCodes ? .needsApproval : .onDeviceOnly
        let credentials: [StoredCredential] = if let listed { listed } else { try list() }
        return credentials.map { DeviceCode(credential: $0, value: value) }
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) { throw refusal("renaming") }

    /// Takes the TOTP; the login, its password and all else stay.
    func delete(_ credential: StoredCredential) throws(DeviceError) {
        guard let name = MooltipassName(id: credential.id) else { throw .noSuchCredential }
        listed = nil
        onApproval()
        try management.run(during: .deleting) { () throws(DeviceError) in
            let stored = try management.readAll(during: .deleting).credentials.first { $0.name == name }
            guard let stored else { throw .noSuchCredential }
            try management.removeTOTP(at: stored.address, during: .deleting)
        }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        management.leave()
        channel.close()
    }

    // MARK: Parts

    private func remember(_ database: MooltipassDatabase) -> [StoredCredential] {
        let stored = database.credentials.map { StoredCredential($0.name, $0.totp) }
        listed = stored
        return stored
    }

    private func requireListed(_ credential: Credential) throws(DeviceError) {
        let database = try management.run(during: .verifying) { () throws(DeviceError) in
            try management.readAll(during: .verifying)
        }
        let totp = MooltipassLogin.TOTP(
            period: UInt8(clamping: MooltipassWire.period), hash: MooltipassWire.sha1,
            digits: UInt8(clamping: credential.digits))
        let name = MooltipassName(credential.label)
        guard database.credentials.contains(where: { $0.name == name && $0.totp == totp }) else {
            throw .verificationFailed
        }
    }

    /// - Parameter first: the step in which the key's clock is at least.
    /// - Returns: the step whose code the key gave.
    private func provenStep(of credential: Credential, from first: UInt64) throws(DeviceError) -> UInt64 {
        let code = try code(of: MooltipassName(credential.label), during: .verifying)
        do throws(CryptoError) {
            for step in first...(first + Self.mostSteps)
            where try OneTimePassword.code(for: credential, counter: step) == code { return step }
        } catch {
            throw .hostCryptography
        }
        throw .verificationFailed
    }

    private func code(of name: MooltipassName, during step: DeviceStep) throws(DeviceError) -> String {
        let payload = try channel.answer(to: .getTOTPCode(name), within: .approved, during: step)
        guard !payload.isEmpty else { throw .notApproved(during: step) }
        guard let code = MooltipassCode(payload) else { throw .malformedResponse(during: step) }
        return code.digits
    }

    /// As HMAC takes it: one that is longer than a block is stored as its hash.
    private func key(of credential: Credential) throws(DeviceError) -> Secret {
        guard credential.secret.count > HashAlgorithm.sha1.blockLength else { return credential.secret }
        do throws(CryptoError) { return try credential.secret.hashed(with: .sha1) } catch { throw .hostCryptography }
    }

    private func refusal(_ feature: String) -> DeviceError {
        .notSupported(.feature(feature, needs: nil, has: firmware))
    }

    private static func distance(_ one: UInt64, _ other: UInt64) -> UInt64 { one > other ? one - other : other - one }

    /// Three seconds each, together more than a time step.
    static let looksBetweenCodes = 11
    /// How many time steps approvals may take together.
    private static let mostSteps: UInt64 = 16
    /// Seconds; as long as a command may take.
    private static let clockTolerance: UInt64 = 600
}

extension StoredCredential {
    fileprivate init(_ name: MooltipassName, _ totp: MooltipassLogin.TOTP) {
        self.init(
            id: name.bytes, isTextID: false, issuer: String(decoding: name.service, as: UTF16.self),
            account: String(decoding: name.login, as: UTF16.self), kind: .totp(period: Int(totp.period)),
            algorithm: totp.hash == MooltipassWire.sha1 ? .sha1 : nil)
    }
}
