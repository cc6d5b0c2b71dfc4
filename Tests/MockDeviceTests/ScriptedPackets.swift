import ByteBuffers
import USBTransport

/// A HID interface that says what a script has, whatever it is sent.
final class ScriptedPackets: PacketConnection {
    let packetLength = 64
    private(set) var sent: [[UInt8]] = []
    private var answers: ArraySlice<[UInt8]>
    /// Answers are given only from that many sent packets on: nothing waits at the start.
    private let sentBeforeAnswers: Int

    init(answers: [[UInt8]], after sentBeforeAnswers: Int = 1) {
        (self.answers, self.sentBeforeAnswers) = (answers[...], sentBeforeAnswers)
    }

    func send(_ packet: WipedBuffer) { sent.append(packet.withBytes { [UInt8](copying: $0) }) }

    func receive(timeout: Duration) throws(ConnectionError) -> [UInt8] {
        guard sent.count >= sentBeforeAnswers, let answer = answers.popFirst() else {
            throw .usb(USBError(.timeout, during: .read(endpoint: 0x85)))
        }
        return answer
    }

    func pause(for duration: Duration) {}
    func close() {}
}
