import ByteBuffers
import USBTransport

/// Messages to a Mooltipass BLE and its answers.
///
/// A busy key says "retry" and is asked again. Messages that it sends by itself, and answers that an earlier program did not
/// wait for, are passed over: an answer carries the command of its question.
final class MooltipassChannel {
    private let connection: any PacketConnection
    private var flipBit = false

    /// How long an answer may take.
    enum Patience {
        case computed
        /// A person reads the display and decides; the key waits 7 to 25 seconds, as it was set.
        case approved
        /// The same, and takes the card out and in and types its PIN.
        case approvedWithPIN

        /// How many times to read.
        fileprivate var reads: Int {
            switch self {
            case .computed: 1
            case .approved: 20
            case .approvedWithPIN: 60
            }
        }

        fileprivate static let readTime: Duration = .seconds(3)
    }

    /// - Throws: the caller closes the connection.
    init(_ connection: any PacketConnection) throws(DeviceError) {
        self.connection = connection
        try reset(during: .connecting)
        try discardOldAnswers()
    }

    /// - Returns: the payload of the answer.
    func answer(
        to message: MooltipassMessage, within patience: Patience = .computed, during step: DeviceStep
    ) throws(DeviceError) -> [UInt8] {
        var resets = 0
        for _ in 0..<Self.mostTries {
            try send(message, during: step)
            switch try awaitAnswer(to: message.command, patience, during: step) {
            case .complete(let answer) where answer.command == .retry:
                connection.pause(for: Self.retryPause)
            case .complete(let answer): return answer.payload
            case .flipBitRefused, .incomplete:
                resets += 1
                guard resets <= Self.mostResets else { throw .malformedResponse(during: step) }
                try reset(during: step)
            }
        }
        throw .occupied(during: step)
    }

    /// - Returns: whether the key says that it did it.
    func isDone(
        _ message: MooltipassMessage, within patience: Patience = .computed, during step: DeviceStep
    ) throws(DeviceError) -> Bool {
        let payload = try answer(to: message, within: patience, during: step)
        guard payload == [MooltipassWire.Answer.yes] || payload == [MooltipassWire.Answer.no] else {
            throw .malformedResponse(during: step)
        }
        return payload == [MooltipassWire.Answer.yes]
    }

    /// Lets time pass, and looks at the key all the while: nobody who stops the program or takes the card out waits for the
    /// end of it.
    ///
    /// - Parameter looks: how often.
    func wait(looks: Int, during step: DeviceStep) throws(DeviceError) {
        for _ in 0..<looks {
            connection.pause(for: Self.betweenLooks)
            try requireReady(during: step)
        }
    }

    /// - Throws: what keeps the key from answering, see `MooltipassStatus`.
    func requireReady(during step: DeviceStep) throws(DeviceError) {
        let payload = try answer(to: .deviceStatus, during: step)
        let status: MooltipassStatus
        do throws(ByteReader.EndOfBytes) {
            status = try MooltipassStatus(payload)
        } catch {
            throw .malformedResponse(during: step)
        }
        try status.requireReady()
    }

    /// Sets the flip bit back on both sides.
    func reset(during step: DeviceStep) throws(DeviceError) {
        flipBit = false
        try send(MooltipassMessage.reset, during: step)
    }

    func close() { connection.close() }

    // MARK: Answers

    /// The next answer to that command, or "retry".
    private func awaitAnswer(
        to command: MooltipassWire.Command, _ patience: Patience, during step: DeviceStep
    ) throws(DeviceError) -> MooltipassAssembly.Progress {
        for _ in 0..<Self.mostOtherMessages {
            switch try receiveDecision(patience, during: step) {
            case .silence(let error): return try withdraw(command, patience, error, during: step)
            case .arrived(.complete(let answer)) where answer.command != command && answer.command != .retry: continue
            case .arrived(let progress): return progress
            }
        }
        throw .malformedResponse(during: step)
    }

    /// The next message, for as long as a person may take. Each read is short, since a program is not stopped within one.
    private func receiveDecision(
        _ patience: Patience, during step: DeviceStep
    ) throws(DeviceError) -> Reception<MooltipassAssembly.Progress> {
        var reception = try receiveOrWithdraw(patience, during: step)
        for _ in 1..<patience.reads {
            guard case .silence = reception else { return reception }
            reception = try receiveOrWithdraw(patience, during: step)
        }
        return reception
    }

    /// A program that stops takes its question with it.
    private func receiveOrWithdraw(
        _ patience: Patience, during step: DeviceStep
    ) throws(DeviceError) -> Reception<MooltipassAssembly.Progress> {
        do throws(DeviceError) {
            return try receiveMessage(within: Patience.readTime, during: step)
        } catch {
            if patience != .computed { try? send(.cancelRequest, during: step) }
            throw error
        }
    }

    /// Nobody decided: the question goes off the display, so that no answer comes when nobody waits for it any more. One that
    /// was on its way counts.
    private func withdraw(
        _ command: MooltipassWire.Command, _ patience: Patience, _ silence: ConnectionError, during step: DeviceStep
    ) throws(DeviceError) -> MooltipassAssembly.Progress {
        guard patience != .computed else { throw .connection(silence, during: step) }
        try send(.cancelRequest, during: step)
        for _ in 0..<Self.mostOtherMessages {
            let reception = try receiveMessage(within: Patience.readTime, during: step)
            guard case .arrived(let progress) = reception else { break }
            if case .complete(let answer) = progress, answer.command == command { return progress }
        }
        throw .connection(silence, during: step)
    }

    /// Silence is that no message began in time.
    private func receiveMessage(
        within time: Duration, during step: DeviceStep
    ) throws(DeviceError) -> Reception<MooltipassAssembly.Progress> {
        var assembly = MooltipassAssembly()
        var progress = MooltipassAssembly.Progress.incomplete
        var isFirst = true
        while progress == .incomplete {
            switch try receive(within: isFirst ? time : Patience.readTime, during: step) {
            case .silence(let error) where isFirst: return .silence(error)
            case .silence(let error): throw .connection(error, during: step)
            case .arrived(let packet): progress = try Self.take(packet, into: &assembly, during: step)
            }
            isFirst = false
        }
        return .arrived(progress)
    }

    private static func take(
        _ packet: [UInt8], into assembly: inout MooltipassAssembly, during step: DeviceStep
    ) throws(DeviceError) -> MooltipassAssembly.Progress {
        do throws(MooltipassAssembly.Malformed) {
            return try assembly.take(packet)
        } catch {
            throw .malformedResponse(during: step)
        }
    }

    /// What an earlier program did not fetch waits at the endpoint.
    private func discardOldAnswers() throws(DeviceError) {
        for _ in 0..<Self.mostOldPackets {
            if case .silence = try receive(within: Self.glance, during: .connecting) { return }
        }
        throw .malformedResponse(during: .connecting)
    }

    // MARK: Packets

    private func send(_ message: MooltipassMessage, during step: DeviceStep) throws(DeviceError) {
        for packet in message.packets(flipBit: flipBit) { try send(packet, during: step) }
        flipBit.toggle()
    }

    private func send(_ packet: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        do throws(ConnectionError) { try connection.send(packet) } catch { throw .connection(error, during: step) }
    }

    private func receive(
        within time: Duration, during step: DeviceStep
    ) throws(DeviceError) -> Reception<[UInt8]> {
        do throws(ConnectionError) {
            return .arrived(try connection.receive(timeout: time))
        } catch {
            if case .usb(let usb) = error, usb.code == .timeout { return .silence(error) }
            throw .connection(error, during: step)
        }
    }

    private enum Reception<Content> {
        case arrived(Content)
        /// Nothing came in time.
        case silence(ConnectionError)
    }

    /// Half a minute: longer than a question stays on the display.
    private static let mostTries = 120
    private static let retryPause: Duration = .milliseconds(250)
    private static let mostResets = 1
    private static let mostOtherMessages = 16
    private static let mostOldPackets = 64
    private static let glance: Duration = .milliseconds(50)
    private static let betweenLooks: Duration = .seconds(3)
}
