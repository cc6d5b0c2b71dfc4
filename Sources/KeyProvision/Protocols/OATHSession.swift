import ByteBuffers
import SecretFormats

/// A conversation with the YKOATH applet (developers.yubico.com, "YKOATH protocol specification").
///
/// One exchange per operation, except where a long answer comes in parts. Credentials are named by their id; what the
/// id means is left to the family.
final class OATHSession {
    /// What SELECT told.
    ///
    ///     79 03 version   71 08 salt   [74 08 challenge   7B 01 algorithm]   the last two while a code is set
    struct SelectResponse {
        let version: Version
        let salt: [UInt8]
        let challenge: [UInt8]?
        let accessAlgorithm: HashAlgorithm
    }

    /// One entry of LIST.
    struct Entry {
        let id: OATHCredentialID
        let kind: OATHKind
    }

    /// What CALCULATE gives for one credential.
    enum Calculation: Hashable {
        /// `digits`, then the four bytes that remain of the HMAC.
        case truncated(digits: UInt8, value: UInt32)
        /// `digits`, then the whole HMAC.
        case full(digits: UInt8, mac: [UInt8])
        case isHOTP
        case needsTouch
    }

    private(set) var selected: SelectResponse
    private(set) var isLocked: Bool
    let channel: APDUChannel
    let dialect: OATHDialect
    /// Unlocks again after a SELECT, in dialects where the first VALIDATE does not last.
    private var unlockAgain: (() throws(DeviceError) -> Void)?
    /// How often a command is given again whose applet another program took from under it. Its session does that three
    /// times at most: by power on, SELECT and power off.
    private static let selectionPatience = 3

    init(channel: APDUChannel, dialect: OATHDialect = .yubico) throws(DeviceError) {
        (self.channel, self.dialect) = (channel, dialect)
        selected = try Self.select(channel)
        isLocked = selected.challenge != nil
    }

    private static func select(_ channel: APDUChannel) throws(DeviceError) -> SelectResponse {
        let answer = try channel.select(YKOATH.applicationID, during: .selecting)
        guard let response = parseSelect(answer) else { throw .malformedResponse(during: .selecting) }
        return response
    }

    // MARK: Credentials

    /// Adds a credential, or overwrites the one of the same name without a question.
    ///
    ///     71 nn name   73 kk kind digits secret   [78 properties]   [7A 04 counter]
    ///
    /// - Parameters:
    ///   - key: as HMAC takes it; one longer than the hash's block is sent as its hash, as HMAC would use it (RFC 2104,
    ///     section 2).
    ///   - counter: first counter of a HOTP credential.
    func put(
        _ id: OATHCredentialID, _ kind: Credential.Kind, _ algorithm: HashAlgorithm, digits: Int, key: Secret,
        touch: Bool, counter: UInt32?
    ) throws(DeviceError) {
        let key = try blockSized(key, algorithm)
        let keyValue = WipedBuffer(capacity: key.count + YKOATH.minKeyLength)
        keyValue.append(OATHKind(kind, algorithm).rawValue)
        keyValue.append(UInt8(clamping: digits))
        key.withBytes { keyValue.append(contentsOf: $0) }
        if key.count < YKOATH.minKeyLength {
            keyValue.append(contentsOf: repeatElement(0, count: YKOATH.minKeyLength - key.count))
        }
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        data.append(tag: YKOATH.Tag.key, keyValue)
        if touch {
            data.append(YKOATH.Tag.property)
            data.append(YKOATH.Property.requireTouch)
        }
        if let counter, counter > 0 {
            let factor = WipedBuffer()
            factor.append(bigEndian: counter)
            data.append(tag: YKOATH.Tag.initialMovingFactor, factor)
        }
        try send(YKOATH.Instruction.put, data: data, during: .writing)
    }

    func delete(_ id: OATHCredentialID) throws(DeviceError) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        try send(YKOATH.Instruction.delete, data: data, during: .deleting)
    }

    func rename(_ old: OATHCredentialID, to new: OATHCredentialID) throws(DeviceError) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, old.bytes)
        data.append(tag: YKOATH.Tag.name, new.bytes)
        try send(YKOATH.Instruction.rename, data: data, during: .renaming)
    }

    /// All credentials: repeated `72 nn kind name`.
    func list() throws(DeviceError) -> [Entry] {
        let answer = try send(YKOATH.Instruction.list, during: .listing)
        return try tlvs(answer, during: .listing).map { tlv throws(DeviceError) in
            guard tlv.tag == YKOATH.Tag.nameList, let kind = tlv.value.first else {
                throw .malformedResponse(during: .listing)
            }
            return Entry(id: OATHCredentialID(bytes: Array(tlv.value.dropFirst())), kind: OATHKind(rawValue: kind))
        }
    }

    /// Wipes all credentials and the access code. Asks for no code and no touch.
    func reset() throws(DeviceError) {
        try send(
            YKOATH.Instruction.reset, p1: YKOATH.Parameter.reset1, p2: YKOATH.Parameter.reset2, during: .resetting)
    }

    // MARK: Codes

    /// Has the key compute with a credential.
    ///
    ///     71 nn name   74 08 challenge      for HOTP the challenge is empty: the key takes its counter, then steps it
    ///
    /// - Parameter challenge: number of the time step, nil for HOTP.
    func calculate(
        _ id: OATHCredentialID, challenge: UInt64?, full: Bool, during step: DeviceStep = .calculating
    ) throws(DeviceError) -> Calculation {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.name, id.bytes)
        data.append(tag: YKOATH.Tag.challenge, challenge.map(OneTimePassword.message) ?? [])
        let answer = try send(
            YKOATH.Instruction.calculate,
            p2: full ? YKOATH.Parameter.fullResponse : YKOATH.Parameter.truncatedResponse, data: data, during: step)
        let answers = try tlvs(answer, during: step)
        guard answers.count == 1, let calculation = answers.first.flatMap(Self.parseCalculation) else {
            throw .malformedResponse(during: step)
        }
        return calculation
    }

    /// Codes of all TOTP credentials for one challenge, which fits those with a period of 30 seconds: repeated
    /// `71 nn name` and the calculation.
    func calculateAll(challenge: UInt64) throws(DeviceError) -> [(id: OATHCredentialID, Calculation)] {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.challenge, OneTimePassword.message(for: challenge))
        let answer = try send(
            YKOATH.Instruction.calculateAll, p2: YKOATH.Parameter.truncatedResponse, data: data, during: .calculating)
        var rest = try tlvs(answer, during: .calculating)[...]
        var calculations: [(id: OATHCredentialID, Calculation)] = []
        while let name = rest.popFirst() {
            guard name.tag == YKOATH.Tag.name, let calculation = rest.popFirst().flatMap(Self.parseCalculation) else {
                throw .malformedResponse(during: .calculating)
            }
            calculations.append((OATHCredentialID(bytes: Array(name.value)), calculation))
        }
        return calculations
    }

    // MARK: Access code

    /// Key to the applet: PBKDF2-HMAC-SHA1 of the code as UTF-8, salted with the device's salt, 1,000 rounds, 16 bytes.
    func accessKey(for code: Secret) throws(DeviceError) -> Secret {
        do throws(CryptoError) {
            return try PBKDF2.deriveKey(
                password: code, salt: selected.salt, iterations: YKOATH.accessKeyIterations,
                count: YKOATH.accessKeyLength, algorithm: .sha1)
        } catch {
            throw .hostCryptography
        }
    }

    /// Unlocks the session; both sides prove that they know the key.
    ///
    ///     75 nn HMAC(key, device challenge)   74 08 host challenge     →     75 nn HMAC(key, host challenge)
    ///
    /// Where that does not last it is done again when it must be, with the same challenge of the host's.
    func validate(_ key: Secret, hostChallenge: [UInt8]) throws(DeviceError) {
        try prove(key, hostChallenge)
        guard dialect.validatesEachCommand || dialect.sharesSelection, !isLocked else { return }
        unlockAgain = { [unowned self] () throws(DeviceError) in try prove(key, hostChallenge) }
    }

    private func selectAgain() throws(DeviceError) {
        selected = try Self.select(channel)
        isLocked = selected.challenge != nil
        try unlockAgain?()
    }

    private func prove(_ key: Secret, _ hostChallenge: [UInt8]) throws(DeviceError) {
        guard let challenge = selected.challenge else { return }
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.response, try mac(challenge, key))
        data.append(tag: YKOATH.Tag.challenge, hostChallenge)
        let answer = try exchange(YKOATH.Instruction.validate, data: data, during: .unlocking)
        let answers = try tlvs(answer, during: .unlocking)
        guard answers.count == 1, let proof = answers.first, proof.tag == YKOATH.Tag.response else {
            throw .malformedResponse(during: .unlocking)
        }
        guard ConstantTime.areEqual(Array(proof.value), try mac(hostChallenge, key)) else { throw .deviceNotAuthentic }
        isLocked = false
    }

    /// Sets the access code, with a proof that the host computes as the key will.
    ///
    ///     73 11 21 key   74 08 challenge   75 14 HMAC(key, challenge)
    func setAccessKey(_ key: Secret, challenge: [UInt8]) throws(DeviceError) {
        let keyValue = WipedBuffer(capacity: key.count + 1)
        keyValue.append(OATHKind(.totp(period: OATHCredentialID.defaultPeriod), .sha1).rawValue)
        key.withBytes { keyValue.append(contentsOf: $0) }
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.key, keyValue)
        data.append(tag: YKOATH.Tag.challenge, challenge)
        data.append(tag: YKOATH.Tag.response, try mac(challenge, key, .sha1))
        try send(YKOATH.Instruction.setCode, data: data, during: .settingAccessCode)
    }

    /// Removes the access code: `73 00`.
    func clearAccessKey() throws(DeviceError) {
        let data = WipedBuffer()
        data.append(tag: YKOATH.Tag.key, [])
        try send(YKOATH.Instruction.setCode, data: data, during: .settingAccessCode)
    }

    func close() { channel.close() }

    // MARK: Exchange

    @discardableResult
    private func send(
        _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, data: WipedBuffer = WipedBuffer(capacity: 0),
        during step: DeviceStep
    ) throws(DeviceError) -> ArraySlice<UInt8> {
        if dialect.validatesEachCommand, unlockAgain != nil { try selectAgain() }
        for _ in 0..<(dialect.sharesSelection ? Self.selectionPatience : 0) {
            do throws(DeviceError) {
                return try exchange(instruction, p1: p1, p2: p2, data: data, during: step)
            } catch .status(.instructionNotSupported, during: step) {
                // No applet took it, so nothing was done.
                try selectAgain()
            }
        }
        return try exchange(instruction, p1: p1, p2: p2, data: data, during: step)
    }

    private func exchange(
        _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, data: WipedBuffer, during step: DeviceStep
    ) throws(DeviceError) -> ArraySlice<UInt8> {
        let response = try channel.send(
            CommandAPDU(ins: instruction, p1: p1, p2: p2, data: data),
            continuation: YKOATH.Instruction.sendRemaining, during: step)
        guard response.status == .ok else { throw meaning(of: response.status, during: step) }
        return response.data
    }

    /// One number means different things after different commands (section "Response codes" of the specification).
    private func meaning(of status: StatusWord, during step: DeviceStep) -> DeviceError {
        switch (status, step) {
        case (.referencedDataInvalid, .unlocking), (.wrongData, .unlocking): .wrongAccessCode(triesLeft: nil)
        case (dialect.locked, _) where isLocked: .accessCodeRequired
        case (.securityStatusNotSatisfied, .calculating), (.securityStatusNotSatisfied, .verifying): .touchTimedOut
        case (dialect.missing, .deleting), (dialect.missing, .renaming): .noSuchCredential
        case (dialect.missing, .calculating), (dialect.missing, .verifying): .noSuchCredential
        case (.notEnoughMemory, .writing): .full(capacity: nil)
        case (dialect.nameInUse, .writing), (dialect.nameInUse, .renaming): .alreadyExists
        default: .status(status, during: step)
        }
    }

    private func tlvs(_ bytes: ArraySlice<UInt8>, during step: DeviceStep) throws(DeviceError) -> [TLV] {
        do throws(TLV.Malformed) { return try TLV.parseList(bytes) } catch { throw .malformedResponse(during: step) }
    }

    private func blockSized(_ key: Secret, _ algorithm: HashAlgorithm) throws(DeviceError) -> Secret {
        guard key.count > algorithm.blockLength else { return key }
        do throws(CryptoError) { return try key.hashed(with: algorithm) } catch { throw .hostCryptography }
    }

    private func mac(_ message: [UInt8], _ key: Secret, _ algorithm: HashAlgorithm? = nil) throws(DeviceError)
        -> [UInt8]
    {
        do throws(CryptoError) {
            return try HMAC.authenticate(message, key: key, algorithm: algorithm ?? selected.accessAlgorithm)
        } catch {
            throw .hostCryptography
        }
    }

    private static func parseSelect(_ bytes: ArraySlice<UInt8>) -> SelectResponse? {
        guard let answers = try? TLV.parseList(bytes) else { return nil }
        func value(_ tag: UInt8) -> ArraySlice<UInt8>? { answers.first { $0.tag == tag }?.value }
        guard let version = value(YKOATH.Tag.version).flatMap(Version.init(bytes:)),
            let salt = value(YKOATH.Tag.name)
        else { return nil }
        // The NEO sends the type beside the algorithm.
        let algorithm = value(YKOATH.Tag.algorithm)?.first.map(OATHKind.init(rawValue:))?.algorithm
        return SelectResponse(
            version: version, salt: Array(salt), challenge: value(YKOATH.Tag.challenge).map(Array.init),
            accessAlgorithm: algorithm ?? .sha1)
    }

    private static func parseCalculation(_ tlv: TLV) -> Calculation? {
        var reader = ByteReader(tlv.value)
        let digits = try? reader.uint8()
        switch (tlv.tag, digits) {
        case (YKOATH.Tag.truncatedResponse, let digits?):
            guard let value = try? reader.bigEndian32(), reader.isAtEnd else { return nil }
            return .truncated(digits: digits, value: value)
        case (YKOATH.Tag.response, let digits?):
            return .full(digits: digits, mac: Array(reader.remainder()))
        // Not every key tells the digits of what it does not compute.
        case (YKOATH.Tag.noResponse, _): return .isHOTP
        case (YKOATH.Tag.touch, _): return .needsTouch
        default: return nil
        }
    }
}
