import SecretFormats
import USBTransport

/// The slots of one unlocked OnlyKey.
///
/// Messages of an enrollment, each with its reason: SET TIME (which key, is it unlocked, and its clock), GET LABELS (a write
/// asks nothing), the key, the label, GET LABELS (all that can be read back). The label goes last, so that a slot with a
/// new label has the new key. What else is in the slot, a password perhaps, stays.
final class OnlyKeySession: CodelessSession {
    let device: DeviceInfo
    private let channel: OnlyKeyChannel
    private var isOpen = true

    init(device: DeviceInfo, channel: OnlyKeyChannel) {
        (self.device, self.channel) = (device, channel)
    }

    deinit { close() }

    private var slots: ClosedRange<Int> { channel.state.isDuo ? OnlyKeyWire.duoSlots : OnlyKeyWire.slots }
    var capacity: Int? { slots.count }

    /// A locked key opens no session.
    var isLocked: Bool { false }

    /// There is no code over USB: the PIN is typed on the key.
    func unlock(accessCode: Secret) throws(DeviceError) { throw .notSupported(.accessCode) }

    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError) {
        guard let slot = options.slot, slots.contains(slot) else { throw .notSupported(.slotMissing(slots)) }
        try OnlyKey.features.require(credential, options, firmware: device.firmware ?? Version(0, 0, 0))
        guard !options.touch else { throw refusal("a touch for each code: every code is typed at a press as it is") }
        guard OnlyKeyMessage.isCarried(try key(of: credential)) else {
            throw refusal("a secret with four zero bytes in a row")
        }
    }

    func list() throws(DeviceError) -> [StoredCredential] {
        try channel.labels(count: slots.count, during: .listing).filter { !$0.text.isEmpty }.map(StoredCredential.init)
    }

    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool {
        stored.place == options.slot
    }

    func nameInSlot(of label: Label) -> String? { OnlyKey.features.name(of: label) }

    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification {
        try check(credential, options)
        let slot = try number(options.slot)
        let label = OnlyKey.features.name(of: credential.label)
        observe(.writing)
        try channel.run(OnlyKeyMessage.setTOTPKey(slot: slot, try key(of: credential)), during: .writing)
        try channel.run(OnlyKeyMessage.setLabel(slot: slot, label), during: .writing)
        observe(.proving)
        try requireLabel(label, in: options.slot, during: .verifying)
        return .labelOnly
    }

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError) {
        let text = OnlyKey.features.name(of: label)
        try channel.run(
            OnlyKeyMessage.setLabel(slot: try number(credential.place), text), during: .renaming)
        try requireLabel(text, in: credential.place, during: .renaming)
    }

    /// Wipes all of the slot: the firmware has no command that takes the TOTP key alone.
    func delete(_ credential: StoredCredential) throws(DeviceError) {
        let slot = try number(credential.place)
        guard try list().contains(where: { $0.place == credential.place }) else { throw .noSuchCredential }
        try channel.runOverFields(OnlyKeyMessage.wipe(slot: slot), during: .deleting)
        try requireLabel("", in: credential.place, during: .deleting)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        channel.close()
    }

    private func requireLabel(_ label: String, in slot: Int?, during step: DeviceStep) throws(DeviceError) {
        let labels = try channel.labels(count: slots.count, during: step)
        guard labels.contains(where: { $0.slot == slot && $0.text == label }) else { throw .verificationFailed }
    }

    private func number(_ slot: Int?) throws(DeviceError) -> UInt8 {
        guard let slot, slots.contains(slot), let number = UInt8(exactly: slot) else { throw .noSuchCredential }
        return number
    }

    /// As HMAC takes it: one that is longer than a block is stored as its hash.
    private func key(of credential: Credential) throws(DeviceError) -> Secret {
        guard credential.secret.count > HashAlgorithm.sha1.blockLength else { return credential.secret }
        do throws(CryptoError) { return try credential.secret.hashed(with: .sha1) } catch { throw .hostCryptography }
    }

    private func refusal(_ feature: String) -> DeviceError {
        .notSupported(.feature(feature, needs: nil, has: device.firmware ?? Version(0, 0, 0)))
    }
}

extension StoredCredential {
    /// The key does not say what is in a slot beside its label: perhaps a TOTP key, perhaps a password alone.
    fileprivate init(_ label: OnlyKeyLabel) {
        self.init(labelled: label.text, place: label.slot, kind: .unknown(0), algorithm: nil)
    }
}
