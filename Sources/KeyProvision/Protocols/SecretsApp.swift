import ByteBuffers
import SecretFormats

/// A conversation with Nitrokey's secrets application (Nitrokey/trussed-secrets-app), one exchange per operation.
///
/// What it does otherwise than YKOATH: it overwrites nothing, PUT and LIST have properties, there is a PIN instead of an
/// access code, and it computes codes only, no whole HMAC. A PIN opens what the one next command needs.
final class SecretsApp {
    /// What SELECT told.
    ///
    ///     79 03 version   71 08 salt | 82 01 tries   8F 04 serial      tries in the place of the salt once there is a PIN
    struct SelectResponse: Hashable {
        let version: Version
        /// nil before a PIN was set.
        let pinTriesLeft: Int?
        let serial: [UInt8]
    }

    struct Entry: Hashable {
        let id: OATHCredentialID
        let kind: OATHKind
        let flags: SecretsListFlags
    }

    private(set) var selected: SelectResponse
    private let channel: APDUChannel
    /// Instruction that fetches the rest of a long answer.
    private let continuation: UInt8

    init(channel: APDUChannel, continuation: UInt8) throws(DeviceError) {
        self.channel = channel
        self.continuation = continuation
        channel.form = .shortWithoutLe
        selected = try Self.select(channel)
    }

    /// Asks for the tries of the PIN anew.
    func selectAgain() throws(DeviceError) { selected = try Self.select(channel) }

    // MARK: Credentials

    /// Adds a credential; there may be none of that name.
    ///
    ///     71 nn name   73 kk kind digits secret   78 properties   [7A 04 counter]
    ///
    /// - Parameters:
    ///   - key: one longer than the hash's block is sent as its hash, as HMAC would use it (RFC 2104, section 2).
    ///   - counter: first counter of a HOTP credential, nil for others.
    func put(
        _ id: OATHCredentialID, _ kind: OATHKind, digits: Int, key: Secret, _ properties: SecretsProperties,
        counter: UInt32?
    ) throws(DeviceError) {
        let key = try blockSized(key, kind.algorithm)
        let keyValue = WipedBuffer(capacity: key.count + 2)
        keyValue.append(kind.rawValue)
        keyValue.append(UInt8(clamping: digits))
        key.withBytes { keyValue.append(contentsOf: $0) }
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        data.append(tag: YKOATH.Tag.key, keyValue)
        data.append(YKOATH.Tag.property)
        data.append(properties.rawValue)
        if let counter {
            let factor = WipedBuffer()
            factor.append(bigEndian: counter)
            data.append(tag: YKOATH.Tag.initialMovingFactor, factor)
        }
        try send(YKOATH.Instruction.put, data: data, during: .writing)
    }

    /// Takes a touch.
    func delete(_ id: OATHCredentialID, during step: DeviceStep) throws(DeviceError) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        try send(YKOATH.Instruction.delete, data: data, during: step)
    }

    /// Takes a touch.
    func rename(_ old: OATHCredentialID, to new: OATHCredentialID) throws(DeviceError) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, old.bytes)
        data.append(tag: YKOATH.Tag.name, new.bytes)
        try send(SecretsWire.Instruction.update, data: data, during: .renaming)
    }

    /// All credentials that show: repeated `72 nn kind name flags`.
    func list() throws(DeviceError) -> [Entry] {
        let answer = try send(
            YKOATH.Instruction.list, data: WipedBuffer([SecretsWire.listVersion1]), during: .listing)
        return try tlvs(answer, during: .listing).map { tlv throws(DeviceError) in
            guard tlv.tag == YKOATH.Tag.nameList, tlv.value.count >= 2, let kind = tlv.value.first,
                let flags = tlv.value.last
            else { throw .malformedResponse(during: .listing) }
            return Entry(
                id: OATHCredentialID(bytes: Array(tlv.value.dropFirst().dropLast())), kind: OATHKind(rawValue: kind),
                flags: SecretsListFlags(rawValue: flags))
        }
    }

    /// Has the key compute the 31 bits of which a code is made (RFC 4226, section 5.3).
    ///
    ///     71 nn name   74 08 challenge      a HOTP credential takes its counter, then steps it
    func calculate(
        _ id: OATHCredentialID, challenge: UInt64, during step: DeviceStep
    ) throws(DeviceError) -> (digits: Int, word: UInt32) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        data.append(tag: YKOATH.Tag.challenge, OneTimePassword.message(for: challenge))
        let answer = try send(
            YKOATH.Instruction.calculate, p2: YKOATH.Parameter.truncatedResponse, data: data, during: step)
        guard let tlv = try tlvs(answer, during: step).first, tlv.tag == YKOATH.Tag.truncatedResponse else {
            throw .malformedResponse(during: step)
        }
        var reader = ByteReader(tlv.value)
        guard let digits = try? reader.uint8(), let word = try? reader.bigEndian32(), reader.isAtEnd else {
            throw .malformedResponse(during: step)
        }
        return (Int(digits), word)
    }

    /// Shows the key a code of the host. It looks for it at ten counters from its own on, and steps behind the one where it
    /// finds it. Takes no PIN where the credential was not put under one.
    ///
    ///     71 nn name   75 04 code, its digits as a number      77 00
    ///
    /// - Returns: false for a code that is none of those. The key then blinks red without end.
    func verifyCode(_ id: OATHCredentialID, _ code: UInt32) throws(DeviceError) -> Bool {
        let number = WipedBuffer()
        number.append(bigEndian: code)
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        data.append(tag: YKOATH.Tag.response, number)
        let answer: ArraySlice<UInt8>
        do throws(DeviceError) {
            answer = try send(SecretsWire.Instruction.verifyCode, data: data, during: .verifying)
        } catch {
            guard case .wrongPIN = error else { throw error }
            return false
        }
        guard let tlv = try tlvs(answer, during: .verifying).first, tlv.tag == YKOATH.Tag.noResponse, tlv.value.isEmpty
        else { throw .malformedResponse(during: .verifying) }
        return true
    }

    // MARK: PIN

    /// Opens the one next command. Takes a touch. `80 nn PIN`
    func verifyPIN(_ pin: Secret) throws(DeviceError) {
        try send(SecretsWire.Instruction.verifyPIN, data: password(pin), during: .unlocking)
    }

    /// Sets the first PIN. Takes a touch. `80 nn PIN`
    func setPIN(_ pin: Secret) throws(DeviceError) {
        try send(SecretsWire.Instruction.setPIN, data: password(pin), during: .changingPIN)
    }

    /// Puts another PIN in the place of the one that there is. Takes a touch. `80 nn PIN   81 mm new PIN`
    ///
    /// - Parameters:
    ///   - old: 1 to 128 bytes.
    ///   - new: at most 63 bytes, so that both fit.
    func changePIN(from old: Secret, to new: Secret) throws(DeviceError) {
        let data = password(old)
        let value = WipedBuffer(capacity: new.count)
        new.withBytes { value.append(contentsOf: $0) }
        data.append(tag: SecretsWire.Tag.newPassword, value)
        try send(SecretsWire.Instruction.changePIN, data: data, during: .changingPIN)
    }

    /// Wipes all credentials and the PIN. Takes a touch and no PIN.
    func reset() throws(DeviceError) {
        try send(
            YKOATH.Instruction.reset, p1: YKOATH.Parameter.reset1, p2: YKOATH.Parameter.reset2, during: .resetting)
    }

    func close() { channel.close() }

    // MARK: Exchange

    @discardableResult
    private func send(
        _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, data: WipedBuffer = WipedBuffer(capacity: 0),
        during step: DeviceStep
    ) throws(DeviceError) -> ArraySlice<UInt8> {
        let response = try channel.send(
            CommandAPDU(ins: instruction, p1: p1, p2: p2, data: data), continuation: continuation, during: step)
        guard response.status == .ok else { throw meaning(of: response.status, during: step) }
        return response.data
    }

    /// Status words of trussed-secrets-app, `src/authenticator.rs`.
    private func meaning(of status: StatusWord, during step: DeviceStep) -> DeviceError {
        switch status {
        case .verificationFailed: .wrongPIN(.user, triesLeft: nil)
        case .securityStatusNotSatisfied: .touchTimedOut
        case .authenticationBlocked: .alreadyExists
        case .fileNotFound: .noSuchCredential
        case .notEnoughMemory: .full(capacity: SecretsWire.capacity)
        default: .status(status, during: step)
        }
    }

    private func password(_ pin: Secret) -> WipedBuffer {
        let value = WipedBuffer(capacity: pin.count)
        pin.withBytes { value.append(contentsOf: $0) }
        let data = WipedBuffer()
        data.append(tag: SecretsWire.Tag.password, value)
        return data
    }

    private func blockSized(_ key: Secret, _ algorithm: HashAlgorithm?) throws(DeviceError) -> Secret {
        guard let algorithm, key.count > algorithm.blockLength else { return key }
        do throws(CryptoError) { return try key.hashed(with: algorithm) } catch { throw .hostCryptography }
    }

    private func tlvs(_ bytes: ArraySlice<UInt8>, during step: DeviceStep) throws(DeviceError) -> [TLV] {
        do throws(TLV.Malformed) { return try TLV.parseList(bytes) } catch { throw .malformedResponse(during: step) }
    }

    private static func select(_ channel: APDUChannel) throws(DeviceError) -> SelectResponse {
        let answer = try channel.select(YKOATH.applicationID, during: .selecting)
        guard let fields = try? TLV.parseList(answer) else { throw .malformedResponse(during: .selecting) }
        func value(_ tag: UInt8) -> ArraySlice<UInt8>? { fields.first { $0.tag == tag }?.value }
        let tries = value(SecretsWire.Tag.pinCounter)
        guard let version = value(YKOATH.Tag.version).flatMap(Version.init(bytes:)),
            let serial = value(SecretsWire.Tag.serialNumber), tries != nil || value(YKOATH.Tag.name) != nil
        else { throw .malformedResponse(during: .selecting) }
        return SelectResponse(
            version: version, pinTriesLeft: tries.map { Int($0.first ?? 0) }, serial: Array(serial))
    }
}

extension StatusWord {
    fileprivate static let verificationFailed = StatusWord(rawValue: 0x6300)
}
