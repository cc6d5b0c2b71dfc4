import ByteBuffers
import SecretFormats

/// Commands to one Molto2, which authenticates the host by the customer key before it takes anything.
final class Molto2Channel {
    private let channel: APDUChannel
    private var command: Molto2Command?

    init(_ channel: APDUChannel) { self.channel = channel }

    func readInfo() throws(DeviceError) -> Molto2Info {
        let data = try run(Molto2Command.readInfo, during: .identifying)
        do throws(ByteReader.EndOfBytes) {
            return try Molto2Info(parsing: data)
        } catch {
            throw .malformedResponse(during: .identifying)
        }
    }

    func readProfile(_ number: UInt8, during step: DeviceStep) throws(DeviceError) -> Molto2Profile {
        let data = try run(Molto2Command.readProfile(number), during: step)
        guard let profile = Molto2Profile(parsing: data) else { throw .malformedResponse(during: step) }
        return profile
    }

    /// - Throws: `.wrongAccessCode`; the device counts wrong keys, and after ten it takes none: `.accessCodeBlocked`.
    func authenticate(customerKey: Secret) throws(DeviceError) {
        let command = try Self.computing { () throws(CryptoError) in try Molto2Command(customerKey: customerKey) }
        let challenge = try run(Molto2Command.getChallenge, during: .unlocking)
        guard challenge.count == Molto2Wire.challengeLength else { throw .malformedResponse(during: .unlocking) }
        let answer = try Self.computing { () throws(CryptoError) in try command.answer(challenge) }
        let response = try channel.send(answer, during: .unlocking)
        switch response.status {
        case .ok: self.command = command
        case .authenticationBlocked: throw .accessCodeBlocked
        case let status where status.isRefusedVerification: throw .wrongAccessCode(triesLeft: status.triesLeft)
        default: throw .status(response.status, during: .unlocking)
        }
    }

    var isAuthenticated: Bool { command != nil }

    /// Sends a command that takes the customer key.
    func runSecure(
        during step: DeviceStep, _ make: (Molto2Command) throws(CryptoError) -> CommandAPDU
    ) throws(DeviceError) {
        guard let command else { throw .accessCodeRequired }
        _ = try run(try Self.computing { () throws(CryptoError) in try make(command) }, during: step)
    }

    func deleteSeed(of profile: UInt8, during step: DeviceStep) throws(DeviceError) {
        let response = try channel.send(Molto2Command.deleteSeed(profile), during: step)
        switch response.status {
        case .ok: break
        case .recordNotFound: throw .noSuchCredential
        default: throw .status(response.status, during: step)
        }
    }

    func close() { channel.close() }

    private func run(_ command: CommandAPDU, during step: DeviceStep) throws(DeviceError) -> ArraySlice<UInt8> {
        let response = try channel.send(command, during: step)
        guard response.status == .ok else { throw .status(response.status, during: step) }
        return response.data
    }

    private static func computing<Result>(
        _ body: () throws(CryptoError) -> Result
    ) throws(DeviceError) -> Result {
        do throws(CryptoError) { return try body() } catch { throw .hostCryptography }
    }
}

extension StatusWord {
    /// `63xx`: wrong.
    fileprivate var isRefusedVerification: Bool { rawValue & Self.highByte == Self.verificationFailed }

    /// How many attempts are left: `63Cx` (ISO 7816-4), or the second byte as it is. nil for what is no such number.
    fileprivate var triesLeft: Int? {
        let low = Int(rawValue & ~Self.highByte)
        let count = low >= Self.counterMark ? low - Self.counterMark : low
        return (0...Molto2Wire.mostTries).contains(count) ? count : nil
    }

    private static let highByte: UInt16 = 0xFF00
    private static let verificationFailed: UInt16 = 0x6300
    private static let counterMark = 0xC0
}
