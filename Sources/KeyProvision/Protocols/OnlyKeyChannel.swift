import ByteBuffers
import SecretFormats
import USBTransport

/// Messages to an OnlyKey and its answers. Nothing in an answer says which message it belongs to, so each is fetched before
/// the next message goes out, and what an earlier program left behind is thrown away at the start.
final class OnlyKeyChannel {
    let state: OnlyKeyState
    private let connection: any PacketConnection

    /// Sets the clock, where it was not set since the key got its power, and learns which key it is.
    ///
    /// - Throws: `.lockedOnKey`, `.notSetUp`. The caller closes the connection.
    init(_ connection: any PacketConnection, unixTime: UInt64) throws(DeviceError) {
        self.connection = connection
        try Self.discardOldAnswers(connection)
        try Self.send(OnlyKeyMessage.setTime(unixTime), on: connection, during: .identifying)
        state = try Self.readState(connection)
    }

    /// - Parameter count: how many slots the key has.
    func labels(count: Int, during step: DeviceStep) throws(DeviceError) -> [OnlyKeyLabel] {
        try Self.send(OnlyKeyMessage.getLabels(), on: connection, during: step)
        var labels: [OnlyKeyLabel] = []
        while labels.count < count {
            let report = try Self.receive(connection, during: step)
            guard let label = OnlyKeyLabel(report) else {
                try OnlyKeyText(report).requireSuccess(during: step)
                throw .malformedResponse(during: step)
            }
            guard label.slot == labels.count + 1 else { throw .malformedResponse(during: step) }
            labels.append(label)
        }
        return labels
    }

    /// Sends a message that has one answer.
    func run(_ message: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        try Self.send(message, on: connection, during: step)
        try OnlyKeyText(Self.receive(connection, during: step)).requireSuccess(during: step)
    }

    /// Sends a message that has an answer for each field of a slot; how many the firmware does not say.
    func runOverFields(_ message: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        try run(message, during: step)
        for _ in 0..<Self.mostFields {
            guard let report = try Self.receiveIfAny(connection, within: Self.silence, during: step) else { return }
            try OnlyKeyText(report).requireSuccess(during: step)
        }
        throw .malformedResponse(during: step)
    }

    func close() { connection.close() }

    /// What an earlier program did not fetch waits at the endpoint, and its answer to SET TIME would pass for ours.
    private static func discardOldAnswers(_ connection: any PacketConnection) throws(DeviceError) {
        for _ in 0..<mostStaleAnswers {
            guard try receiveIfAny(connection, within: glance, during: .connecting) != nil else { return }
        }
        throw .malformedResponse(during: .connecting)
    }

    private static func readState(_ connection: any PacketConnection) throws(DeviceError) -> OnlyKeyState {
        let answer = OnlyKeyText(try receive(connection, during: .identifying))
        if answer.isUninitialized { throw .notSetUp }
        if answer.isLocked { throw .lockedOnKey }
        guard answer.isUnlocked else { throw .malformedResponse(during: .identifying) }
        return OnlyKeyState(answer)
    }

    // MARK: Packets

    private static func send(
        _ message: WipedBuffer, on connection: any PacketConnection, during step: DeviceStep
    ) throws(DeviceError) {
        do throws(ConnectionError) { try connection.send(message) } catch { throw .connection(error, during: step) }
    }

    private static func receive(
        _ connection: any PacketConnection, during step: DeviceStep
    ) throws(DeviceError) -> [UInt8] {
        do throws(ConnectionError) {
            return try connection.receive(timeout: answerTime)
        } catch {
            throw .connection(error, during: step)
        }
    }

    /// - Returns: nil where the key has nothing more to say.
    private static func receiveIfAny(
        _ connection: any PacketConnection, within timeout: Duration, during step: DeviceStep
    ) throws(DeviceError) -> [UInt8]? {
        do throws(ConnectionError) {
            return try connection.receive(timeout: timeout)
        } catch {
            if case .usb(let usb) = error, usb.code == .timeout { return nil }
            throw .connection(error, during: step)
        }
    }

    /// How long a field takes to be written is not published; the maker's client asks 100 ms at a time.
    private static let answerTime: Duration = .seconds(3)
    private static let silence: Duration = .milliseconds(500)
    /// Two polling intervals of the endpoint.
    private static let glance: Duration = .milliseconds(10)
    private static let mostFields = 32
    /// A list of labels and then some.
    private static let mostStaleAnswers = 32
}
