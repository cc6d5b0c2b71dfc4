import ByteBuffers
import USBTransport

/// A quirk of YubiKey 4.2.0 to 4.2.6 over USB: the command after a long answer can be lost (yubikit,
/// `core/smartcard`). A command without meaning, whose answer is not looked at, takes its place.
final class TouchWorkaround: SmartCardConnection {
    private let connection: any SmartCardConnection
    private var lastAnswerWasLong = false

    /// Answers longer than this, in bytes, set it off.
    private static let longAnswer = 54
    private static let dummyCommand: [UInt8] = [0, 0, 0, 0]

    static func applies(to firmware: Version) -> Bool {
        (Version(4, 2, 0)...Version(4, 2, 6)).contains(firmware)
    }

    init(_ connection: any SmartCardConnection) { self.connection = connection }

    var answerToReset: [UInt8] { connection.answerToReset }
    var carriesExtendedAPDUs: Bool { connection.carriesExtendedAPDUs }

    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        if lastAnswerWasLong { _ = try connection.transmit(WipedBuffer(Self.dummyCommand)) }
        let answer = try connection.transmit(command)
        lastAnswerWasLong = answer.count > Self.longAnswer
        return answer
    }

    func close() { connection.close() }
}
