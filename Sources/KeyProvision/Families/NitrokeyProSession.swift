import ByteBuffers
import SecretFormats

/// The slots of one Nitrokey Pro, Nitrokey Storage or Librem Key.
///
/// Exchanges of an enrollment, each with its reason: status (serial, version and whether codes are protected), the admin
/// PIN's tries and the PIN, the slot (is it in use), name and secret, which the key repeats, the write,
/// and the slot again (what it has now). Firmware that repeats nothing computes codes instead.
final class NitrokeyProSession: PINProvisioning {
    let device: DeviceInfo
    let product: NitrokeyProduct
    let app: NitrokeyApp
    /// Of the host, when the session began.
    private let unixTime: UInt64
    /// The key's clock was set for codes of the future. It keeps its time when power goes, and programs that ask it do not
    /// set it back.
    private var clockIsAhead = false
    private var isOpen = true

    /// A minute is what may pass between the beginning of a session and its code.
    private static let clockTolerance: UInt64 = 60

    /// Of the proof by codes: two times that are past, so that the key's clock is not left ahead.
    private static let proofTimes: [UInt64] = [1_425_009_600, 1_593_561_600]

    init(device: DeviceInfo, product: NitrokeyProduct, app: NitrokeyApp, unixTime: UInt64) {
        (self.device, self.product, self.app, self.unixTime) = (device, product, app, unixTime)
    }

    deinit { close() }

    var capacity: Int? { product.totpSlots + NitrokeySlot.hotpCount }
    var isLocked: Bool { false }

    func unlock(accessCode: Secret) throws(DeviceError) { throw refusal("an access code") }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try NitrokeyPro.features(of: product).require(credential, options, firmware: app.identity.firmware)
        guard !options.touch else { throw refusal("touch-protected credentials") }
        try checkSecret(try stored(credential))
    }

    /// A secret of zeros would keep what the slot had; old firmware takes one that begins with zero for it as well.
    private func checkSecret(_ secret: Secret) throws(DeviceError) {
        let (isZero, startsWithZero) = secret.withBytes { bytes in
            ((0..<bytes.byteCount).allSatisfy { bytes.byte(at: $0) == 0 }, bytes.byte(at: 0) == 0)
        }
        guard !isZero else { throw refusal("a secret of zeros only") }
        guard !app.echoes else { return }
        guard secret.count <= NitrokeyApp.longestOldSecret else {
            throw .notSupported(.secretTooLong(secret.count, limit: NitrokeyApp.longestOldSecret))
        }
        guard !startsWithZero else { throw refusal("a secret that begins with a zero byte") }
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        var stored: [StoredCredential] = []
        for slot in NitrokeySlot.totp.prefix(product.totpSlots) + NitrokeySlot.hotp {
            if let content = try app.read(slot, during: .listing) { stored.append(StoredCredential(slot, content)) }
        }
        return stored
    }

    /// One slot and not eighteen: the key works 100 ms on each.
    func neighbors(
        of credential: Credential, _ options: WriteOptions
    ) throws(DeviceError) -> [StoredCredential] {
        guard let slot = slot(for: credential.kind, options) else { throw refusal("this slot") }
        return try app.read(slot, during: .listing).map { [StoredCredential(slot, $0)] } ?? []
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.nitrokeySlot == slot(for: terms.kind, options)
    }

    func nameInSlot(of label: Label) -> String? {
        String(decoding: NitrokeySlotName.bytes(of: label), as: UTF8.self)
    }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        guard let slot = slot(for: credential.kind, options) else { throw refusal("this slot") }
        observe(.writing)
        let secret = try stored(credential)
        let target = content(of: credential)
        guard app.echoes else {
            try writeByCodes(credential, secret, target, slot, observe)
            return .codes
        }
        try app.write(target, secret: secret, to: slot)
        observe(.proving)
        guard try app.read(slot, during: .verifying) == target else { throw .verificationFailed }
        return .echo
    }

    /// Firmware that repeats nothing: two codes, and for HOTP the counter as it is to be afterwards.
    private func writeByCodes(
        _ credential: Credential, _ secret: Secret, _ target: NitrokeyApp.Slot, _ slot: NitrokeySlot,
        _ observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) {
        guard case .hotp(let counter) = credential.kind else {
            try app.write(target, secret: secret, to: slot)
            observe(.proving)
            for time in Self.proofTimes {
                let code = try code(in: slot, at: time, period: Int(target.counter), during: .verifying)
                try require(code, is: credential) { credential throws(CryptoError) in
                    try OneTimePassword.code(for: credential, at: time)
                }
            }
            return
        }
        let steps = UInt64(Self.proofTimes.count)
        let start = counter >= steps ? counter - steps : counter
        let first = NitrokeyApp.Slot(name: target.name, config: target.config, counter: start)
        try app.write(first, secret: secret, to: slot)
        observe(.proving)
        for step in start..<start + steps {
            let code = try code(in: slot, at: 0, period: 0, during: .verifying)
            try require(code, is: credential) { credential throws(CryptoError) in
                try OneTimePassword.code(for: credential, counter: step)
            }
        }
        if start == counter { try app.write(target, secret: secret, to: slot) }
    }

    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        guard let slot = credential.nitrokeySlot else { throw .noSuchCredential }
        var period = 0
        if case .totp(let seconds) = credential.kind { period = seconds }
        let code = try code(in: slot, at: unixTime, period: period, during: .calculating)
        return DeviceCode(credential: credential, value: .code(code))
    }

    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        try list().map { stored throws(DeviceError) in
            guard stored.kind != .hotp else { return DeviceCode(credential: stored, value: .stepsCounter) }
            return try code(for: stored, at: unixTime)
        }
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) { throw refusal("renaming") }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        guard let slot = credential.nitrokeySlot, try app.read(slot, during: .deleting) != nil else {
            throw .noSuchCredential
        }
        try app.erase(slot, during: .deleting)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        if clockIsAhead { try? app.setTime(unixTime, during: .calculating) }
        app.close()
    }

    // MARK: PINs

    func pins(for operation: PINOperation) -> [PINNeed] {
        let user: [PINNeed] = app.protectsCodes ? [.required(.user)] : []
        switch operation {
        case .list, .rename, .writeHost: return []
        case .delete: return [.required(.admin)]
        case .compute: return user
        case .write: return [.required(.admin)] + (app.echoes ? [] : user)
        }
    }

    func triesLeft(of pin: PIN) throws(DeviceError) -> Int? { try app.triesLeft(of: pin) }

    func use(_ secret: Secret, as pin: PIN) throws(DeviceError) {
        try spendingTry(of: pin) { () throws(DeviceError) in try app.authenticate(secret, as: pin) }
    }

    /// Does what tries a PIN; a wrong one costs a look at what is left.
    func spendingTry(of pin: PIN, _ body: () throws(DeviceError) -> Void) throws(DeviceError) {
        do throws(DeviceError) {
            try body()
        } catch {
            guard case .wrongPIN = error else { throw error }
            let left = try app.triesLeft(of: pin)
            throw left == 0 ? .pinBlocked(pin) : .wrongPIN(pin, triesLeft: left)
        }
    }

    // MARK: Parts

    private func slot(for kind: Credential.Kind, _ options: WriteOptions) -> NitrokeySlot? {
        options.slot.flatMap { NitrokeySlot(kind.isTOTP ? .totp : .hotp, $0) }
    }

    private func content(of credential: Credential) -> NitrokeyApp.Slot {
        let counter: UInt64 =
            switch credential.kind {
            case .totp(let period): UInt64(period)
            case .hotp(let counter): counter
            }
        return NitrokeyApp.Slot(
            name: NitrokeySlotName.bytes(of: credential.label), config: credential.digits == 8 ? .eightDigits : [],
            counter: counter)
    }

    /// A secret that is longer than a block of its hash is stored as its hash, which HMAC takes for the same.
    private func stored(_ credential: Credential) throws(DeviceError) -> Secret {
        guard credential.secret.count > credential.algorithm.blockLength else { return credential.secret }
        do throws(CryptoError) {
            return try credential.secret.hashed(with: credential.algorithm)
        } catch {
            throw .hostCryptography
        }
    }

    /// The key computes TOTP for its own clock, so that is set first.
    private func code(
        in slot: NitrokeySlot, at time: UInt64, period: Int, during step: DeviceStep
    ) throws(DeviceError) -> String {
        if slot.kind == .totp {
            clockIsAhead = time > unixTime && time - unixTime > Self.clockTolerance
            try app.setTime(time, during: step)
        }
        let (value, config) = try app.code(
            of: slot, at: slot.kind == .totp ? time : 0, interval: UInt8(truncatingIfNeeded: period), during: step)
        let digits = config.contains(.eightDigits) ? 8 : 6
        guard let code = OneTimePassword.code(truncated: value, digits: digits) else {
            throw .malformedResponse(during: step)
        }
        return code
    }

    private func require(
        _ code: String, is credential: Credential, _ compute: (Credential) throws(CryptoError) -> String
    ) throws(DeviceError) {
        let expected: String
        do throws(CryptoError) { expected = try compute(credential) } catch { throw .hostCryptography }
        guard code == expected else { throw .verificationFailed }
    }

    private func refusal(_ feature: String) -> DeviceError {
        .notSupported(.feature(feature, needs: nil, has: app.identity.firmware))
    }
}

/// What a slot is called on the key, which keeps 15 bytes: issuer and account where they fit, else as much of the account
/// as does. The slot's number is what tells it apart, so a name that is cut loses nothing.
enum NitrokeySlotName {
    static func bytes(of label: Label) -> [UInt8] {
        let whole = label.issuer.map { $0 + ":" + label.account } ?? label.account
        guard whole.utf8.count > NitrokeyApp.longestName else { return Array(whole.utf8) }
        var name: [UInt8] = []
        for scalar in label.account.unicodeScalars {
            let bytes = String(scalar).utf8
            guard name.count + bytes.count <= NitrokeyApp.longestName else { break }
            name += bytes
        }
        return name
    }
}

extension StoredCredential {
    /// The id is the slot's name.
    fileprivate init(_ slot: NitrokeySlot, _ content: NitrokeyApp.Slot) {
        let parts = OATHCredentialID(bytes: content.name).parts(isTOTP: false)
        self.init(
            id: Array(slot.name.utf8), issuer: parts.issuer, account: parts.account,
            kind: slot.kind == .totp ? .totp(period: Int(clamping: content.counter)) : .hotp, algorithm: .sha1,
            place: slot.number, series: slot.series)
    }

    fileprivate var nitrokeySlot: NitrokeySlot? {
        (NitrokeySlot.totp + NitrokeySlot.hotp).first { Array($0.name.utf8) == id }
    }
}
