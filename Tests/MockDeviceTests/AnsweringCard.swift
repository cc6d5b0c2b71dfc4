import ByteBuffers
import USBTransport

/// A card that says what a script has, whatever it is sent.
final class AnsweringCard: SmartCardConnection {
    let answerToReset: [UInt8] = []
    let carriesExtendedAPDUs = false
    private(set) var sent: [[UInt8]] = []
    private var answers: ArraySlice<[UInt8]>

    init(answers: [[UInt8]]) { self.answers = answers[...] }

    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        sent.append(command.withBytes { [UInt8](copying: $0) })
        guard let answer = answers.popFirst() else {
            throw .usb(USBError(.timeout, during: .read(endpoint: 0x81)))
        }
        return answer
    }

    func close() {}
}
