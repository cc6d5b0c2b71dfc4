import ByteBuffers
import SecretFormats

/// A conversation with the OTP application of one Token2 key.
///
///     80 33 00 00 12 …    serial number               80 C5 05 00 09 …    all entries, with codes of a time
///     80 C5 01 00 00      point for the exchange      80 C5 05 01 08 …    their next page
///     80 C5 05 04 nn …    state of the PIN            80 C5 05 00 nn …    one entry, with its code
///     80 C5 05 09 40 …    agreement on keys           80 C5 05 02 nn …    write or delete an entry
///     80 C5 05 06 20 …    PIN
///
/// Without data the command that writes takes everything off the key; it is never sent so.
final class Token2App {
    private let channel: APDUChannel
    private let random: any RandomSource
    private(set) var pin: Token2PINState
    /// Agreed upon, and the PIN was right.
    private var keys: Token2SessionKeys?

    init(channel: APDUChannel, random: any RandomSource) throws(DeviceError) {
        (self.channel, self.random) = (channel, random)
        do throws(DeviceError) {
            _ = try channel.select(Token2Wire.applicationID, during: .selecting)
        } catch .applicationNotAvailable {
            // Keys of the first generation have the ids and no such application.
            throw .notSupported(.feature("one-time passwords over its reader", needs: nil, has: Version(0, 0, 0)))
        }
        pin = try Self.readPIN(channel, length: Token2Wire.PINFlagLength.state)
    }

    /// ASCII; nil where the application does not tell it, as on older firmware.
    func readSerial() throws(DeviceError) -> String? {
        let response = try channel.send(
            CommandAPDU(
                cla: Token2Wire.proprietaryClass, ins: Token2Wire.Instruction.getInfo,
                data: WipedBuffer(Token2Wire.serialRequest)), during: .identifying)
        guard response.status == .ok else { return nil }
        guard let tlv = try? TLV.parseList(response.data), tlv.count == 1, let serial = tlv.first,
            serial.tag == Token2Wire.serialTag,
            serial.value.allSatisfy({ UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 })
        else { throw .malformedResponse(during: .identifying) }
        return String(decoding: serial.value, as: UTF8.self)
    }

    /// All entries, those of TOTP with their codes.
    func list(at unixTime: UInt64) throws(DeviceError) -> [Token2Entry] {
        let step = DeviceStep.listing
        let time = OneTimePassword.message(for: unixTime)
        var response = try send(.enumerate, WipedBuffer([Token2Wire.Subcommand.readAll] + time), during: step)
        // That is how it says that there is none.
        if response.status == .wrongData || response.status == .recordNotFound { return [] }
        var entries: [Token2Entry] = []
        while true {
            try require(response.status, during: step)
            let page: Token2Entry.Page
            do throws(Token2Entry.Malformed) {
                page = try Token2Entry.page(try opened(response.data))
            } catch {
                throw .malformedResponse(during: step)
            }
            entries += page.entries
            guard page.hasMore else { return entries }
            guard entries.count < Token2Wire.mostEntries else { throw .malformedResponse(during: step) }
            response = try send(.enumerateContinue, WipedBuffer(time), during: step)
        }
    }

    /// One entry with its code, which steps the counter of HOTP.
    func read(_ name: Token2Name, at unixTime: UInt64, during step: DeviceStep) throws(DeviceError) -> Token2Entry {
        let question = [Token2Wire.Subcommand.readOne] + OneTimePassword.message(for: unixTime) + name.bytes
        let response = try send(.enumerate, WipedBuffer(question), during: step)
        if response.status == .wrongData { throw .noSuchCredential }
        try require(response.status, during: step)
        do throws(Token2Entry.Malformed) {
            return try Token2Entry(alone: try opened(response.data))
        } catch {
            throw .malformedResponse(during: step)
        }
    }

    /// - Parameter cleartext: see `Token2Entry`. An entry of the same names is overwritten, and counts from 0 again.
    func write(_ cleartext: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        let sealed = try seal(cleartext, during: step)
        let response = try send(.writeSeed, sealed, during: step)
        if step == .deleting, response.status == .wrongData { throw .noSuchCredential }
        try require(response.status, during: step)
    }

    /// Bytes that `write` sends for an entry of so many.
    static func sealedLength(of cleartextLength: Int) -> Int {
        let blocks = cleartextLength / AESCBC.blockLength + 1
        return P256KeyAgreement.pointLength + blocks * AESCBC.blockLength
    }

    func close() { channel.close() }

    // MARK: PIN

    /// Agrees on keys and shows that the host knows the PIN. The key then answers until it is powered off, or some minutes.
    ///
    /// - Throws: `.wrongPIN`, `.pinBlocked`.
    func verify(_ pin: Secret) throws(DeviceError) {
        let step = DeviceStep.unlocking
        keys = nil
        let agreed = try agree()
        self.pin = try Self.readPIN(channel, length: Token2Wire.PINFlagLength.challenge)
        guard let challenge = self.pin.challenge else { throw .malformedResponse(during: step) }
        let proof: WipedBuffer
        do throws(CryptoError) {
            proof = try agreed.proof(
                of: pin, vector: challenge.vector, encryptedChallenge: challenge.encrypted, random: random)
        } catch {
            throw .hostCryptography
        }
        let response = try send(.verifyPIN, proof, during: step)
        switch response.status {
        case .ok: keys = agreed
        case .authenticationBlocked: throw refusal(triesLeft: 0)
        // The sources disagree on how a wrong PIN is answered. One way tells the tries that are left.
        case .securityStatusNotSatisfied:
            let state = try Self.readPIN(channel, length: Token2Wire.PINFlagLength.state)
            throw refusal(triesLeft: state.triesLeft)
        case let status where status.triesLeft != nil: throw refusal(triesLeft: status.triesLeft ?? 0)
        default: throw .status(response.status, during: step)
        }
    }

    private func refusal(triesLeft: Int) -> DeviceError {
        pin = pin.with(triesLeft: triesLeft)
        return triesLeft == 0 ? .pinBlocked(.user) : .wrongPIN(.user, triesLeft: triesLeft)
    }

    /// The key's point comes with a signature of its maker's, whose public key is not published: it is not looked at.
    private func agree() throws(DeviceError) -> Token2SessionKeys {
        let step = DeviceStep.unlocking
        let host = try Self.computing { () throws(CryptoError) in try P256KeyAgreement(random: random) }
        let response = try send(.readAgreementPublicKey, WipedBuffer(host.publicPoint), during: step)
        try require(response.status, during: step)
        let point = Array(response.data.prefix(P256KeyAgreement.pointLength))
        let shared = try Self.computing { () throws(CryptoError) in try host.sharedSecret(with: point) }
        guard let shared else { throw .malformedResponse(during: step) }
        return try Self.computing { () throws(CryptoError) in try Token2SessionKeys(shared: shared) }
    }

    private static func readPIN(_ channel: APDUChannel, length: Int) throws(DeviceError) -> Token2PINState {
        let response = try channel.send(
            command(.readPINFlag, WipedBuffer([UInt8](repeating: 0, count: length))), during: .identifying)
        switch response.status {
        case .ok: break
        case .authenticationBlocked: return .blocked
        case let status where withoutPIN.contains(status): return .none
        default: throw .status(response.status, during: .identifying)
        }
        do throws(ByteReader.EndOfBytes) {
            return try Token2PINState(parsing: response.data)
        } catch {
            throw .malformedResponse(during: .identifying)
        }
    }

    /// How firmware says that it does not know the question.
    private static let withoutPIN: Set<StatusWord> = [
        .instructionNotSupported, .classNotSupported, .incorrectParameters, .dataMissing, .wrongLength,
        .functionNotSupported,
    ]

    // MARK: Parts

    private func send(
        _ command: Token2Wire.Command, _ data: WipedBuffer, during step: DeviceStep
    ) throws(DeviceError) -> ResponseAPDU {
        try channel.send(Self.command(command, data), during: step)
    }

    private static func command(_ command: Token2Wire.Command, _ data: WipedBuffer) -> CommandAPDU {
        CommandAPDU(
            cla: Token2Wire.proprietaryClass, ins: Token2Wire.Instruction.otp,
            p1: UInt8(truncatingIfNeeded: command.rawValue >> UInt8.bitWidth),
            p2: UInt8(truncatingIfNeeded: command.rawValue), data: data)
    }

    private func seal(_ cleartext: WipedBuffer, during step: DeviceStep) throws(DeviceError) -> WipedBuffer {
        if let keys {
            return try Self.computing { () throws(CryptoError) in try keys.seal(cleartext, random: random) }
        }
        let response = try send(.getPublicKey, WipedBuffer(capacity: 0), during: step)
        // With a PIN it gives none away.
        if response.status == .functionNotSupported, pin.isSet { throw .pinRequired(.user) }
        try require(response.status, during: step)
        let point = Array(response.data)
        let sealed = try Self.computing { () throws(CryptoError) in
            try Token2Sealing.seal(cleartext, for: point, random: random)
        }
        guard let sealed else { throw .malformedResponse(during: step) }
        return sealed
    }

    /// Whether a key with a PIN encrypts all its answers the sources disagree on; the MAC tells.
    private func opened(_ answer: ArraySlice<UInt8>) throws(Token2Entry.Malformed) -> ArraySlice<UInt8> {
        guard let keys else { return answer }
        do throws(CryptoError) { return try keys.open(answer) ?? answer } catch { throw Token2Entry.Malformed() }
    }

    /// What status words mean where an entry is asked for or written.
    private func require(_ status: StatusWord, during step: DeviceStep) throws(DeviceError) {
        switch status {
        case .ok: break
        case .recordNotFound: throw .noSuchCredential
        case .notEnoughMemory: throw .full(capacity: nil)
        case .buttonTimeout: throw .touchTimedOut
        case .securityStatusNotSatisfied, .conditionsNotSatisfied: throw .pinRequired(.user)
        case .authenticationBlocked: throw .pinBlocked(.user)
        default: throw .status(status, during: step)
        }
    }

    private static func computing<Result>(
        _ body: () throws(CryptoError) -> Result
    ) throws(DeviceError) -> Result {
        do throws(CryptoError) { return try body() } catch { throw .hostCryptography }
    }
}

extension StatusWord {
    /// The button was not pressed in time.
    fileprivate static let buttonTimeout = StatusWord(rawValue: 0x6FF9)
    /// A command that lacks its data.
    fileprivate static let dataMissing = StatusWord(rawValue: 0x6AF8)

    /// `63nn`: so many are left, a number and not the `63Cn` of ISO 7816-4.
    fileprivate var triesLeft: Int? {
        rawValue & Self.highByte == Self.wrongPIN ? Int(rawValue & ~Self.highByte) : nil
    }

    private static let highByte: UInt16 = 0xFF00
    private static let wrongPIN: UInt16 = 0x6300
}
