import ByteBuffers
import USBTransport

/// Frames to the OTP application and what it answers, in feature reports (yubikit, `core/otp.py`; yubikey-personalization,
/// `ykcore.c`).
///
/// A frame is sent report by report, each after the key has taken the one before. Then the key is busy, waits for a touch,
/// sends parts of a response, or shows its status:
///
///     host   GET            status: the programming sequence before
///            GET, SET       not busy → report 0
///            …
///            GET, SET       not busy → report 9
///            GET …          80 busy · 20|n touch within n seconds · 40|n part n of the response · 00 status
///            SET            reset, where there was a response
///
/// A response comes with its checksum, and with padding behind that.
final class OTPChannel: OTPTransport {
    private let connection: any ReportConnection

    init(_ connection: any ReportConnection) { self.connection = connection }

    /// What the application says while nothing is under way. A response or a wait for a touch that an ended program left is
    /// dropped.
    func status(during step: DeviceStep) throws(DeviceError) -> OTPStatus {
        var patience = Patience.untilReady
        while true {
            let report = try receive(during: step)
            let flags = report.last ?? 0
            if flags == 0, let status = OTPStatus(report) { return status }
            if flags & YubiKeyOTP.ReportFlag.slotWrite == 0 { try send(OTPFrame.reset, during: step) }
            try wait(&patience, during: step)
        }
    }

    func exchange(_ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep) throws(DeviceError) -> OTPOutcome {
        let before = try sendFrame(command, payload, during: step)
        return try outcome(after: before, during: step)
    }

    /// - Returns: the status before.
    @discardableResult
    private func sendFrame(
        _ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep
    ) throws(DeviceError) -> OTPStatus {
        guard let frame = OTPFrame(command, payload) else {
            throw .connection(.commandTooLong(payload.count), during: step)
        }
        let before = try status(during: step)
        for report in frame.reports {
            try waitUntilTaken(during: step)
            try send(report, during: step)
        }
        return before
    }

    func waitsForTouch(
        _ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep
    ) throws(DeviceError) -> Bool {
        try sendFrame(command, payload, during: step)
        var patience = Patience.forProcessing
        while true {
            let flags = try receive(during: step).last ?? 0
            guard flags & YubiKeyOTP.ReportFlag.slotWrite != 0 else {
                if flags != 0 { try send(OTPFrame.reset, during: step) }
                return flags & YubiKeyOTP.ReportFlag.responseTimeoutWait != 0
            }
            try wait(&patience, during: step)
        }
    }

    func contents(of response: [UInt8], length: Int?) -> [UInt8]? {
        let length = length ?? Int(response.first ?? 0) + 1
        let checked = response.prefix(length + OTPChecksum.length)
        guard checked.count == length + OTPChecksum.length, OTPChecksum.compute(checked) == OTPChecksum.residual else {
            return nil
        }
        return Array(checked.prefix(length))
    }

    func counts(writesOf firmware: Version) -> Bool { true }

    func close() { connection.close() }

    // MARK: Answers

    private func outcome(after before: OTPStatus, during step: DeviceStep) throws(DeviceError) -> OTPOutcome {
        var response: [UInt8] = []
        var part: UInt8 = 0
        var askedForTouch = false
        var (processing, touch) = (Patience.forProcessing, Patience.forTouch)
        while true {
            let report = try receive(during: step)
            let flags = report.last ?? 0
            if flags & YubiKeyOTP.ReportFlag.responsePending != 0 {
                let number = flags & YubiKeyOTP.ReportFlag.sequenceMask
                if number == part {
                    response += report.dropLast()
                    part += 1
                } else if number == 0 {
                    try send(OTPFrame.reset, during: step)
                    return .response(response)
                } else {
                    throw try abandoned(during: step)
                }
            } else if flags == 0 {
                guard response.isEmpty, let after = OTPStatus(report) else { throw try abandoned(during: step) }
                return .status(before: before, after: after, askedForTouch: askedForTouch)
            } else if flags & YubiKeyOTP.ReportFlag.responseTimeoutWait != 0 {
                askedForTouch = true
                guard touch.isLeft else {
                    try send(OTPFrame.reset, during: step)
                    throw .touchTimedOut
                }
                try wait(&touch, during: step)
            } else {
                try wait(&processing, during: step)
            }
        }
    }

    /// Leaves the key ready for another frame.
    private func abandoned(during step: DeviceStep) throws(DeviceError) -> DeviceError {
        try send(OTPFrame.reset, during: step)
        return .malformedResponse(during: step)
    }

    // MARK: Reports

    private func waitUntilTaken(during step: DeviceStep) throws(DeviceError) {
        var patience = Patience.untilReady
        while try receive(during: step).last.map({ $0 & YubiKeyOTP.ReportFlag.slotWrite != 0 }) ?? false {
            try wait(&patience, during: step)
        }
    }

    private func receive(during step: DeviceStep) throws(DeviceError) -> [UInt8] {
        do throws(ConnectionError) { return try connection.receive() } catch { throw .connection(error, during: step) }
    }

    private func send(_ report: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        do throws(ConnectionError) { try connection.send(report) } catch { throw .connection(error, during: step) }
    }

    private func wait(_ patience: inout Patience, during step: DeviceStep) throws(DeviceError) {
        guard let pause = patience.next() else { throw .connection(.usb(Self.silence), during: step) }
        connection.pause(for: pause)
    }

    /// A key that stays busy is one that does not answer in time.
    private static let silence = USBError(.timeout, during: .control(request: HIDRequest.getReport))

    private enum HIDRequest {
        static let getReport: UInt8 = 0x01
    }
}

/// Pauses between looks at a key, and how many there may be.
private struct Patience {
    private var pause: Duration
    private let longest: Duration
    private var left: Duration

    var isLeft: Bool { left > .zero }

    /// The next pause; nil when the time is up. Pauses double up to the longest: most keys are ready at once.
    mutating func next() -> Duration? {
        guard isLeft else { return nil }
        defer { pause = min(pause * 2, longest) }
        left -= pause
        return pause
    }

    /// ykcore gives a key 1150 ms to take a report, the slowest seen is 920 ms.
    static let untilReady = Patience(pause: .milliseconds(1), longest: .milliseconds(50), left: .milliseconds(1150))
    /// yubikit looks every 20 ms; no limit for processing is published beyond the one for taking a report.
    static let forProcessing = Patience(pause: .milliseconds(1), longest: .milliseconds(20), left: .seconds(5))
    /// yubikit looks every 100 ms. The key gives up by itself, after 15 seconds unless it was configured otherwise.
    static let forTouch = Patience(pause: .milliseconds(100), longest: .milliseconds(100), left: .seconds(30))
}
