/// The feature reports of a YubiKey's keyboard interface: frames of ten reports in, status or response reports out
/// (yubikey-personalization, `ykcore.c`; yubikit, `core/otp.py`). Reports have eight bytes, of which the last has the
/// flags.
///
///     from the host   7 bytes of the frame, 80|number       or 8F or FF alone: forget everything
///     to the host     7 bytes of the response, 40|number    and 40|0 after the last
///                     00, status of six bytes, flags        80 busy · 20|n touch within n seconds · 00 idle
struct OTPReports: Hashable, Sendable {
    private let profile: OTPProfile
    private var phase = Phase.idle
    private var frame = [UInt8](repeating: 0, count: Frame.length)
    /// Until then the flag of the last report stands.
    private var busyUntil: Duration = .zero
    private var busyFlags: UInt8 = 0
    private var startsAt: Duration?
    /// A command that answers with the status has made the chip read its memory.
    private(set) var hasReadMemory = false

    private enum Phase: Hashable {
        case idle
        case waiting(response: [UInt8], since: Duration, touch: Duration?)
        case answering(parts: [UInt8], next: Int)
    }

    init(profile: OTPProfile) { self.profile = profile }

    /// - Parameter status: six bytes.
    /// - Returns: the report, and whether a touch that was waited for has come with it.
    mutating func report(status: [UInt8], at now: Duration) -> (bytes: [UInt8], isTouched: Bool) {
        func idle(_ flags: UInt8) -> [UInt8] { [0] + status + [flags] }
        if isStarting(at: now) { return (idle(Flag.starting), false) }
        if now < busyUntil { return (idle(busyFlags), false) }
        switch phase {
        case .idle: return (idle(0), false)
        case .waiting(let response, let since, let touch):
            if let touch, touch <= now {
                phase = .answering(parts: Self.checked(response), next: 0)
                return (nextPart(), true)
            }
            let left = since + Self.touchWindow - now
            guard left > .zero else {
                phase = .idle
                return (idle(0), false)
            }
            return (idle(Flag.timeoutWait | UInt8(truncatingIfNeeded: left.components.seconds)), false)
        case .answering: return (nextPart(), false)
        }
    }

    /// - Parameters:
    ///   - touch: how long after a frame the user touches the key; nil for never.
    ///   - process: runs the command of a whole frame with its payload.
    mutating func take(
        _ report: [UInt8], at now: Duration, touch: Duration?, process: (UInt8, [UInt8]) -> OTPAnswer
    ) {
        guard report.count == Frame.reportLength, let flags = report.last, !isStarting(at: now) else { return }
        guard !Flag.resets.contains(flags) else {
            (phase, busyUntil) = (.idle, now)
            return
        }
        let number = Int(flags & Flag.sequence)
        guard now >= busyUntil, flags & Flag.write != 0, number < Frame.parts else { return }
        if number == 0 { frame = [UInt8](repeating: 0, count: Frame.length) }
        let start = number * Frame.partLength
        frame.replaceSubrange(start..<start + Frame.partLength, with: report.prefix(Frame.partLength))
        phase = .idle
        (busyUntil, busyFlags) = (now + Self.reportTime, flags)
        guard number == Frame.parts - 1 else { return }
        busyUntil = now + Self.processingTime
        let payload = Array(frame.prefix(Frame.payloadLength))
        guard littleEndianBytes(otpChecksum(payload)) == Array(frame[Frame.checksum]) else { return }
        switch process(frame[Frame.command], payload) {
        case .none: hasReadMemory = true
        case .response(let response): phase = .answering(parts: Self.checked(response), next: 0)
        case .touch(let response):
            phase = .waiting(response: response, since: busyUntil, touch: touch.map { busyUntil + $0 })
        }
    }

    // MARK: Responses

    private mutating func nextPart() -> [UInt8] {
        guard case .answering(let parts, let next) = phase else { return [] }
        let start = next * Frame.partLength
        guard start < parts.count else {
            // The end stands until the host resets.
            return [UInt8](repeating: 0, count: Frame.partLength) + [Flag.pending]
        }
        let part = parts[start...].prefix(Frame.partLength)
        phase = .answering(parts: parts, next: next + 1)
        return part + [UInt8](repeating: 0, count: Frame.partLength - part.count)
            + [Flag.pending | UInt8(truncatingIfNeeded: next)]
    }

    private static func checked(_ response: [UInt8]) -> [UInt8] {
        response + littleEndianBytes(~otpChecksum(response))
    }

    private mutating func isStarting(at now: Duration) -> Bool {
        let start = startsAt ?? now
        startsAt = start
        return now < start + profile.startupTime
    }

    /// What a challenge waits for a touch by default.
    private static let touchWindow: Duration = .seconds(15)
    /// How long a real key keeps the flag up is not published beyond a limit of 600 ms.
    private static let reportTime: Duration = .milliseconds(1)
    private static let processingTime: Duration = .milliseconds(20)

    private enum Flag {
        static let write: UInt8 = 0x80
        static let pending: UInt8 = 0x40
        static let timeoutWait: UInt8 = 0x20
        static let sequence: UInt8 = 0x1F
        static let starting: UInt8 = 0x9F
        static let resets: Set<UInt8> = [0x8F, 0xFF]
    }

    /// Payload, command, checksum of the payload (little-endian), three bytes of nothing.
    private enum Frame {
        static let reportLength = 8
        static let partLength = 7
        static let parts = 10
        static let length = 70
        static let payloadLength = 64
        static let command = 64
        static let checksum = 65..<67
    }
}
