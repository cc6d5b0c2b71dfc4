import ByteBuffers
import SecretFormats

/// A conversation with the OTP application of a YubiKey about its two slots (yubikit, `yubiotp.py`).
///
/// The application says no in one way only: it does not count the write. Wrong access code, protected slot and refused
/// flags look the same, which is the error `.rejected`.
final class OTPSession {
    /// As it was when last asked for, or after the last command.
    private(set) var status: OTPStatus
    private let channel: any OTPTransport

    init(_ channel: any OTPTransport) throws(DeviceError) {
        self.channel = channel
        status = try channel.status(during: .connecting)
        if OTPStatusRefresh.applies(to: status.version) {
            status = try OTPStatusRefresh.run(on: channel, from: status)
        }
    }

    @discardableResult
    func readStatus(during step: DeviceStep) throws(DeviceError) -> OTPStatus {
        status = try channel.status(during: step)
        return status
    }

    /// Whether a write that the application refused shows.
    var countsWrites: Bool { channel.counts(writesOf: status.version) }

    // MARK: Configurations

    /// Writes a configuration over whatever is in the slot.
    ///
    /// - Parameters:
    ///   - newCode: protects the slot afterwards; nil for none.
    ///   - currentCode: the one that protects it now.
    func write(
        _ configuration: OTPConfiguration, to slot: OTPSlot, newCode: OTPAccessCode? = nil,
        currentCode: OTPAccessCode? = nil
    ) throws(DeviceError) {
        try change(
            slot.configCommand, configuration.payload(newCode: newCode, currentCode: currentCode),
            hasCode: currentCode != nil, during: .writing)
        guard status.isConfigured(slot) else { throw .verificationFailed }
    }

    func delete(_ slot: OTPSlot, currentCode: OTPAccessCode?) throws(DeviceError) {
        try change(
            slot.configCommand, OTPConfiguration.deletion(currentCode: currentCode), hasCode: currentCode != nil,
            during: .deleting)
        guard !status.isConfigured(slot) else { throw .verificationFailed }
    }

    /// Exchanges the slots with their access codes (firmware 2.3). Refused where one of them does not allow updates.
    func swap(currentCode: OTPAccessCode?) throws(DeviceError) {
        let before = status
        try change(
            YubiKeyOTP.Command.swap, OTPConfiguration.deletion(currentCode: currentCode), hasCode: currentCode != nil,
            during: .swapping)
        let isSwapped = OTPSlot.allCases.allSatisfy { before.isConfigured($0) == status.isConfigured($0.other) }
        guard isSwapped else { throw .verificationFailed }
    }

    /// Changes flags and access code of a slot and leaves what it holds (firmware 2.3). Refused where the slot does not
    /// allow it.
    ///
    /// - Parameter flags: a configuration whose flags alone count.
    func update(
        _ flags: OTPConfiguration, of slot: OTPSlot, newCode: OTPAccessCode?, currentCode: OTPAccessCode?
    ) throws(DeviceError) {
        try change(
            slot.updateCommand, flags.payload(newCode: newCode, currentCode: currentCode), hasCode: currentCode != nil,
            during: .settingAccessCode)
        guard status.isConfigured(slot) else { throw .verificationFailed }
    }

    private func change(
        _ command: UInt8, _ payload: WipedBuffer, hasCode: Bool, during step: DeviceStep
    ) throws(DeviceError) {
        guard case .status(let before, let after, _) = try channel.exchange(command, payload, during: step) else {
            throw .malformedResponse(during: step)
        }
        status = after
        guard channel.counts(writesOf: after.version) else { return }
        guard after.shows(aWriteAfter: before) else { throw .rejected(during: step, withAccessCode: hasCode) }
    }

    // MARK: Computing

    /// HMAC-SHA1 of a challenge with the secret of a slot; nil where the slot does not compute.
    ///
    /// The key drops all bytes at the end of the 64 that equal the last one, so the padding differs from the challenge's
    /// own last byte.
    ///
    /// - Parameter challenge: 1 to 63 bytes.
    /// - Returns: 20 bytes.
    func respond(to challenge: [UInt8], in slot: OTPSlot, during step: DeviceStep) throws(DeviceError) -> [UInt8]? {
        let payload = WipedBuffer(challenge)
        payload.append(
            repeating: challenge.last == 0 ? 1 : 0, count: max(0, YubiKeyOTP.challengeLimit - challenge.count))
        return try request(slot.hmacCommand, payload, length: YubiKeyOTP.hmacLength, during: step)
    }

    /// Whether a slot that works at a touch would compute then. One that types refuses a challenge at once.
    func waitsForTouch(in slot: OTPSlot, during step: DeviceStep) throws(DeviceError) -> Bool {
        try channel.waitsForTouch(slot.hmacCommand, WipedBuffer(), during: step)
    }

    // MARK: Identity

    /// nil where the key keeps it to itself: no slot has SERIAL_API_VISIBLE, or the firmware is before 2.2.
    func readSerial() throws(DeviceError) -> UInt32? {
        let bytes = try request(
            YubiKeyOTP.Command.deviceSerial, WipedBuffer(), length: YubiKeyOTP.serialLength, during: .identifying)
        guard let bytes else { return nil }
        var reader = ByteReader(bytes)
        return try? reader.bigEndian32()
    }

    /// What the management application tells, page 0 (firmware 4.1).
    func readIdentity() throws(DeviceError) -> YubiKeyIdentity {
        let info = try request(YubiKeyOTP.Command.deviceInfo, WipedBuffer(), length: nil, during: .identifying)
        guard let info, let identity = YubiKeyManagement.parse(info[...]) else {
            throw .malformedResponse(during: .identifying)
        }
        return identity
    }

    func close() { channel.close() }

    /// - Parameter length: of the response; nil where its first byte tells how many follow.
    /// - Returns: nil where the key refused.
    private func request(
        _ command: UInt8, _ payload: WipedBuffer, length: Int?, during step: DeviceStep
    ) throws(DeviceError) -> [UInt8]? {
        switch try channel.exchange(command, payload, during: step) {
        case .response(let response):
            guard let contents = channel.contents(of: response, length: length) else {
                throw .malformedResponse(during: step)
            }
            return contents
        case .status(_, let after, let askedForTouch):
            status = after
            guard !askedForTouch else { throw .touchTimedOut }
            return nil
        }
    }
}
