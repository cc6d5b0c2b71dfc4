import ByteBuffers
import SecretFormats

/// The profiles of one Molto2.
///
/// Exchanges of an enrollment, each with its reason: the device's serial, the profile (is there a seed), challenge and answer
/// (nothing is taken without), delete where there is a seed (it is never written over), seed, title, configuration with the
/// time, the profile again (all that can be read back).
final class Molto2Session: CodelessSession {
    let device: DeviceInfo
    private let channel: Molto2Channel
    private let unixTime: UInt64
    private var isOpen = true

    init(device: DeviceInfo, channel: Molto2Channel, unixTime: UInt64) {
        (self.device, self.channel, self.unixTime) = (device, channel, unixTime)
    }

    deinit { close() }

    var capacity: Int? { Molto2Wire.profiles.count }

    /// Whether its customer key was changed only an attempt tells.
    var isLocked: Bool { false }

    /// - Parameter accessCode: the customer key: 32 hexadecimal digits, or its text.
    func unlock(accessCode: Secret) throws(DeviceError) {
        try channel.authenticate(customerKey: accessCode.hexadecimalOrText)
    }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        try Molto2.features.require(credential, options, firmware: Self.noFirmware)
        guard !options.touch else { throw refusal("a touch for each code") }
        let seed = try seed(of: credential)
        let isAllZeros = seed.withBytes { bytes in (0..<bytes.byteCount).allSatisfy { bytes.byte(at: $0) == 0 } }
        guard !isAllZeros else { throw refusal("a secret of zeros") }
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        var credentials: [StoredCredential] = []
        for number in Molto2Wire.profiles {
            if let credential = try stored(number, during: .listing) { credentials.append(credential) }
        }
        return credentials
    }

    /// One profile and not a hundred.
    func neighbors(
        of credential: Credential, _ options: WriteOptions
    ) throws(DeviceError) -> [StoredCredential] {
        [try stored(try profile(options.slot), during: .listing)].compactMap(\.self)
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.place == options.slot
    }

    func nameInSlot(of label: Label) -> String? { Molto2.features.name(of: label) }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        let number = try number(options.slot)
        let seed = try seed(of: credential)
        let wanted = Profile(credential)
        try authenticate()
        observe(.writing)
        let before = try channel.readProfile(number, during: .writing)
        if before.hasSeed { try channel.deleteSeed(of: number, during: .writing) }
        try channel.runSecure(during: .writing) { command throws(CryptoError) in
            try command.writeSeed(seed, to: number)
        }
        try channel.runSecure(during: .writing) { command throws(CryptoError) in
            try command.writeTitle(wanted.title, to: number)
        }
        try channel.runSecure(during: .writing) { [unixTime] command throws(CryptoError) in
            try command.configure(
                number, sha256: wanted.sha256, digits: wanted.digits, period: wanted.period,
                unixTime: UInt32(clamping: unixTime))
        }
        observe(.proving)
        guard wanted.isThat(try channel.readProfile(number, during: .verifying)) else { throw .verificationFailed }
        return .labelOnly
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        let (number, title) = (try number(credential.place), Molto2.features.name(of: label))
        try authenticate()
        try channel.runSecure(during: .renaming) { command throws(CryptoError) in
            try command.writeTitle(title, to: number)
        }
        guard try channel.readProfile(number, during: .renaming).title == title else { throw .verificationFailed }
    }

    /// The title stays on the device: there is no command that takes it.
    func delete(_ credential: StoredCredential) throws(DeviceError) {
        let number = try number(credential.place)
        guard try channel.readProfile(number, during: .deleting).hasSeed else { throw .noSuchCredential }
        // By its maker's specification; a device has been seen to do without.
        try authenticate()
        try channel.deleteSeed(of: number, during: .deleting)
        guard try !channel.readProfile(number, during: .deleting).hasSeed else { throw .verificationFailed }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        channel.close()
    }

    // MARK: Parts

    /// With the key of a new device where none was given.
    private func authenticate() throws(DeviceError) {
        guard !channel.isAuthenticated else { return }
        do throws(DeviceError) {
            try channel.authenticate(customerKey: Secret(WipedBuffer(Molto2Wire.defaultCustomerKey.utf8)))
        } catch .wrongAccessCode(let left) {
            throw .accessCodeChanged(triesLeft: left)
        }
    }

    private func stored(_ number: Int, during step: DeviceStep) throws(DeviceError) -> StoredCredential? {
        let profile = try channel.readProfile(try self.number(number), during: step)
        guard profile.hasSeed else { return nil }
        return StoredCredential(
            labelled: profile.title, place: number, kind: .totp(period: profile.period),
            algorithm: profile.algorithm == Molto2Wire.sha256 ? .sha256 : .sha1)
    }

    private func profile(_ slot: Int?) throws(DeviceError) -> Int {
        guard let slot, Molto2Wire.profiles.contains(slot) else {
            throw .notSupported(.slotMissing(Molto2Wire.profiles))
        }
        return slot
    }

    private func number(_ slot: Int?) throws(DeviceError) -> UInt8 {
        UInt8(truncatingIfNeeded: try profile(slot))
    }

    /// As HMAC takes it: one that is longer than a block is stored as its hash. Whether whole blocks of the cipher are padded,
    /// descriptions of the device disagree; a zero behind them leaves HMAC's key as it is, which ends in zeros.
    private func seed(of credential: Credential) throws(DeviceError) -> Secret {
        var seed = credential.secret
        if seed.count > credential.algorithm.blockLength {
            do throws(CryptoError) {
                seed = try seed.hashed(with: credential.algorithm)
            } catch {
                throw .hostCryptography
            }
        }
        guard seed.count.isMultiple(of: SM4.blockLength) else { return seed }
        let extended = WipedBuffer(capacity: seed.count + 1)
        seed.withBytes { extended.append(contentsOf: $0) }
        extended.append(repeating: 0, count: 1)
        return Secret(extended)
    }

    private func refusal(_ feature: String) -> DeviceError {
        .notSupported(.feature(feature, needs: nil, has: Self.noFirmware))
    }

    private static let noFirmware = Version(0, 0, 0)

    /// What a profile is to be.
    private struct Profile {
        let title: String
        let sha256: Bool
        let digits: UInt8
        let period: UInt8

        /// - Parameter credential: one that `check` let pass.
        init(_ credential: Credential) {
            title = Molto2.features.name(of: credential.label)
            sha256 = credential.algorithm == .sha256
            digits = UInt8(clamping: credential.digits)
            period = if case .totp(let period) = credential.kind { UInt8(clamping: period) } else { 0 }
        }

        func isThat(_ profile: Molto2Profile) -> Bool {
            profile.hasSeed && profile.title == title && profile.digits == digits && profile.period == Int(period)
                && profile.algorithm == (sha256 ? Molto2Wire.sha256 : Molto2Wire.sha1)
        }
    }
}

extension Secret {
    /// Bytes given as 32 hexadecimal digits, or else as they are.
    fileprivate var hexadecimalOrText: Secret {
        let bytes = WipedBuffer(capacity: count)
        let isHexadecimal = withBytes { text in
            guard text.byteCount == hexadecimalKeyLength else { return false }
            for offset in stride(from: 0, to: text.byteCount, by: 2) {
                guard let high = text.byte(at: offset).flatMap(hexadecimalDigit),
                    let low = text.byte(at: offset + 1).flatMap(hexadecimalDigit)
                else { return false }
                bytes.append(high << 4 | low)
            }
            return true
        }
        return isHexadecimal ? Secret(bytes) : self
    }
}

private let hexadecimalKeyLength = 32

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
