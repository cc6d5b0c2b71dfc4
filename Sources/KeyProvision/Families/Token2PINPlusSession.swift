import ByteBuffers
import SecretFormats

/// The entries of one Token2 PIN+.
///
/// Exchanges of an enrollment, each with its reason: SELECT, the state of the PIN (whether to ask for one), the serial
/// number, all entries (names in use), the point of the key (nothing is taken in clear), the entry, two codes (the proof). A
/// PIN takes three more, and no point.
///
/// An entry is overwritten in place. A HOTP entry is written twice: reading its codes steps the counter, and writing sets it
/// back.
final class Token2PINPlusSession: PINProvisioning {
    let device: DeviceInfo
    private let app: Token2App
    private let longestCommand: Int
    private let unixTime: UInt64
    private let onTouch: () -> Void
    /// Names of entries with button, as the last list told.
    private var buttonNames: Set<Token2Name> = []
    private var isOpen = true

    /// - Parameter longestCommand: bytes of data that the reader takes.
    init(device: DeviceInfo, app: Token2App, longestCommand: Int, options: SessionOptions) {
        (self.device, self.app, self.longestCommand) = (device, app, longestCommand)
        (unixTime, onTouch) = (options.unixTime, options.onTouch)
    }

    deinit { close() }

    /// Its maker says 50 of some releases, and its published application has 32.
    var capacity: Int? { nil }

    var isLocked: Bool { false }

    func unlock(accessCode: Secret) throws(DeviceError) { throw .notSupported(.accessCode) }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try Token2PINPlus.features.require(credential, options, firmware: Self.noFirmware)
        guard !options.touch else { throw .notSupported(.touchNotEnforced) }
        let cleartext = try cleartext(of: credential)
        guard Token2App.sealedLength(of: cleartext.count) <= longestCommand else {
            throw refusal("names and a secret of \(cleartext.count) bytes together, which its reader cannot carry")
        }
    }

    func list() throws(DeviceError) -> [StoredCredential] { try entries(at: unixTime).map(StoredCredential.init) }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.id == Token2Name(terms.label).bytes
    }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        observe(.writing)
        try app.write(try cleartext(of: credential), during: .writing)
        observe(.proving)
        switch credential.kind {
        case .totp(let period):
            // Of this time and not of any: R3.4 measures by the times of questions how long a PIN keeps it open.
            for time in [unixTime, unixTime &+ UInt64(clamping: period)] {
                try prove(credential, at: time, counter: OneTimePassword.timeStep(at: time, period: period))
            }
        case .hotp:
            for counter in 0...1 as ClosedRange<UInt64> { try prove(credential, at: unixTime, counter: counter) }
            observe(.writing)
            try app.write(try cleartext(of: credential), during: .writing)
        }
        return .codes
    }

    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        let name = try name(of: credential)
        if buttonNames.contains(name) { onTouch() }
        let entry = try app.read(name, at: unixTime, during: .calculating)
        guard let code = entry.code, entry.name == name else { throw .malformedResponse(during: .calculating) }
        return DeviceCode(credential: credential, value: .code(code))
    }

    /// The list has them.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        try entries(at: unixTime).map { entry in
            let value: DeviceCode.Value =
                if let code = entry.code { .code(code) } else { entry.needsButton ? .needsTouch : .stepsCounter }
            return DeviceCode(credential: StoredCredential(entry), value: value)
        }
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) { throw refusal("renaming") }

    func delete(_ credential: StoredCredential) throws(DeviceError) {
        try app.write(Token2Entry.deletion(of: try name(of: credential)), during: .deleting)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        app.close()
    }

    // MARK: PIN

    func pins(for operation: PINOperation) -> [PINNeed] {
        guard app.pin.isSet else { return [] }
        return switch operation {
        case .list, .write, .compute, .delete: [.required(.user)]
        case .rename, .writeHost: []
        }
    }

    func triesLeft(of pin: PIN) throws(DeviceError) -> Int? { pin == .user && app.pin.isSet ? app.pin.triesLeft : nil }

    func use(_ secret: Secret, as pin: PIN) throws(DeviceError) {
        guard pin == .user, app.pin.isSet else { throw .pinNotSet(pin) }
        guard app.pin.triesLeft > 0 else { throw .pinBlocked(pin) }
        try app.verify(secret)
    }

    // MARK: Parts

    private func entries(at unixTime: UInt64) throws(DeviceError) -> [Token2Entry] {
        let entries = try app.list(at: unixTime)
        buttonNames = Set(entries.filter(\.needsButton).map(\.name))
        return entries
    }

    private func prove(_ credential: Credential, at unixTime: UInt64, counter: UInt64) throws(DeviceError) {
        let name = Token2Name(credential.label)
        let expected: String
        do throws(CryptoError) {
            expected = try OneTimePassword.code(for: credential, counter: counter)
        } catch {
            throw .hostCryptography
        }
        let entry = try app.read(name, at: unixTime, during: .verifying)
        guard entry.isThat(credential), entry.name == name, entry.code == expected else { throw .verificationFailed }
    }

    private func name(of credential: StoredCredential) throws(DeviceError) -> Token2Name {
        guard let name = Token2Name(id: credential.id) else { throw .noSuchCredential }
        return name
    }

    /// With the seed as HMAC takes it: one that is longer than a block is stored as its hash.
    private func cleartext(of credential: Credential) throws(DeviceError) -> WipedBuffer {
        var seed = credential.secret
        if seed.count > Token2Wire.longestSeed {
            do throws(CryptoError) {
                seed = try seed.hashed(with: credential.algorithm)
            } catch {
                throw .hostCryptography
            }
        }
        return Token2Entry.cleartext(credential, named: Token2Name(credential.label), seed: seed)
    }

    private func refusal(_ feature: String) -> DeviceError {
        .notSupported(.feature(feature, needs: nil, has: Self.noFirmware))
    }

    private static let noFirmware = Version(0, 0, 0)
}

extension Token2Entry {
    /// Whether the key keeps what was meant, as far as it tells.
    fileprivate func isThat(_ credential: Credential) -> Bool {
        guard hash == credential.algorithm.token2Number, Int(digits) == credential.digits, !needsButton else {
            return false
        }
        return switch credential.kind {
        case .totp(let period): type == Token2Wire.Kind.totp && Int(self.period) == period
        case .hotp: type == Token2Wire.Kind.hotp
        }
    }
}

extension StoredCredential {
    fileprivate init(_ entry: Token2Entry) {
        let algorithm: HashAlgorithm? =
            switch entry.hash {
            case Token2Wire.sha1: .sha1
            case Token2Wire.sha256: .sha256
            default: nil
            }
        let issuer = String(decoding: entry.name.application, as: UTF8.self)
        self.init(
            id: entry.name.bytes, isTextID: false, issuer: issuer.isEmpty ? nil : issuer,
            account: String(decoding: entry.name.account, as: UTF8.self),
            kind: entry.type == Token2Wire.Kind.totp ? .totp(period: Int(entry.period)) : .hotp, algorithm: algorithm)
    }
}
