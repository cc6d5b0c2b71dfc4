import ByteBuffers
import USBTransport

/// A smart-card application behind a vendor command of the FIDO interface: one message is one APDU.
///
///     command    the APDU
///     response   SW1 SW2, then the data: the other way round than from a card
final class CTAPHIDCard: SmartCardConnection {
    let answerToReset: [UInt8] = []
    /// Nothing that is sent this way needs them.
    let carriesExtendedAPDUs = false

    private let connection: CTAPHIDConnection
    private let command: CTAPHIDCommand

    init(_ connection: CTAPHIDConnection, command: CTAPHIDCommand) {
        self.connection = connection
        self.command = command
    }

    func transmit(_ apdu: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        let response = try connection.transmit(command, apdu)
        guard response.count >= StatusWord.length else { throw .malformed(.truncated) }
        return Array(response.dropFirst(StatusWord.length) + response.prefix(StatusWord.length))
    }

    func close() { connection.close() }
}
