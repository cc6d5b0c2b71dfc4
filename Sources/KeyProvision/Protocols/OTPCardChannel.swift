import ByteBuffers

/// The OTP application as an applet (yubikit, `yubiotp.py`, `_YubiOtpSmartCardBackend`), for keys whose keyboard interface
/// another program holds, or that have none.
///
///     SELECT       status: version 3, programming sequence 1, touch level 2 (little-endian)
///     00 01 cc 00  command cc with its payload; the response as it is, or the status
///     00 03 00 00  status
///
/// There is no frame and no checksum. Firmware 5.0.0 to 5.4.2 does not count writes here.
final class OTPCardChannel: OTPTransport {
    private let channel: APDUChannel
    private var last: OTPStatus
    /// SELECT has told it, and nothing was asked since.
    private var isFresh = true

    /// Takes over the channel; it is closed with this one, and not when this throws.
    init(_ channel: APDUChannel) throws(DeviceError) {
        self.channel = channel
        guard let status = OTPStatus(answer: try channel.select(YubiKeyOTPApplet.applicationID, during: .connecting))
        else { throw .malformedResponse(during: .connecting) }
        last = status
    }

    func status(during step: DeviceStep) throws(DeviceError) -> OTPStatus {
        guard !isFresh else {
            isFresh = false
            return last
        }
        let response = try channel.send(CommandAPDU(ins: YubiKeyOTPApplet.Instruction.readStatus), during: step)
        guard response.status == .ok else { throw .status(response.status, during: step) }
        guard let status = OTPStatus(answer: response.data) else { throw .malformedResponse(during: step) }
        last = status
        return status
    }

    /// A command that the application refuses changes nothing: its status is the one before.
    func exchange(_ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep) throws(DeviceError) -> OTPOutcome {
        let before = last
        let response = try channel.send(
            CommandAPDU(ins: YubiKeyOTPApplet.Instruction.slotCommand, p1: command, data: payload), during: step)
        switch response.status {
        case .ok: break
        // Not touched in time is said in the words of any refusal, where only a slot with a touch can mean it.
        case .conditionsNotSatisfied:
            return .status(before: before, after: before, askedForTouch: before.needsTouchAnywhere)
        case .wrongData, .wrongParameters, .securityStatusNotSatisfied, .referencedDataInvalid:
            return .status(before: before, after: before, askedForTouch: false)
        default: throw .status(response.status, during: step)
        }
        guard response.data.count == OTPStatus.answerLength, let after = OTPStatus(answer: response.data),
            after.version == before.version
        else { return .response(Array(response.data)) }
        last = after
        return .status(before: before, after: after, askedForTouch: false)
    }

    /// A card answers a command at its end only, so the touch is waited for.
    func waitsForTouch(
        _ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep
    ) throws(DeviceError) -> Bool {
        if case .response = try exchange(command, payload, during: step) { true } else { false }
    }

    func contents(of response: [UInt8], length: Int?) -> [UInt8]? {
        let length = length ?? Int(response.first ?? 0) + 1
        return response.count == length ? response : nil
    }

    func counts(writesOf firmware: Version) -> Bool { !Self.countless.contains(firmware) }

    func close() { channel.close() }

    private static let countless = Version(5, 0, 0)...Version(5, 4, 2)
}
