import ByteBuffers

/// The card of a virtual key in somebody else's reader: QEMU's, over the protocol of `VSCardMessage`.
///
/// It says hello, adds a reader, and tells the card's ATR; each step waits for the answer to the one before. The
/// protocol does not tell the card of power, so the card is powered once, at the start.
public struct VSCardSession {
    private let key: VirtualKey
    private let answerToReset: [UInt8]
    private var received: [UInt8] = []
    private var reader: UInt32?

    /// - Returns: nil for a key without a reader.
    public init?(_ key: VirtualKey) {
        guard let ccid = key.model.profile.ccid else { return nil }
        (self.key, answerToReset) = (key, ccid.answerToReset)
        key.usb.withCard { $0.powerOn() }
    }

    /// What to send first.
    public var greeting: [UInt8] { VSCardMessage.greeting.bytes }

    /// Takes what came, in pieces of any size.
    ///
    /// - Returns: what to send.
    public mutating func receive(_ bytes: [UInt8]) throws(VSCardError) -> [UInt8] {
        received += bytes
        var answers: [UInt8] = []
        while let message = try VSCardMessage(takenFrom: &received) { answers += try answer(message)?.bytes ?? [] }
        return answers
    }

    private mutating func answer(_ message: VSCardMessage) throws(VSCardError) -> VSCardMessage? {
        switch message.type {
        case .initialize:
            return VSCardMessage(.readerAdd, reader: VSCardMessage.noReader, Array("keyprov".utf8) + [0])
        case .error:
            return try acknowledged(message)
        case .apdu:
            return transmit(message.payload).map { VSCardMessage(.apdu, reader: message.reader, $0) }
        case .flush:
            return VSCardMessage(.flushComplete, reader: message.reader)
        default:
            return nil
        }
    }

    /// The first success names the reader; what follows needs no answer.
    private mutating func acknowledged(_ message: VSCardMessage) throws(VSCardError) -> VSCardMessage? {
        var payload = ByteReader(message.payload)
        guard let code = try? payload.bigEndian32() else { throw .malformed }
        guard code == Self.success else { throw .refused(code) }
        guard reader == nil else { return nil }
        reader = message.reader
        return VSCardMessage(.answerToReset, reader: message.reader, answerToReset)
    }

    /// - Returns: nil where the card keeps silent. A touch takes no time here, see `VirtualClock`.
    private func transmit(_ command: [UInt8]) -> [UInt8]? {
        key.usb.withCard { card in
            switch card.transmit(command) {
            case .bytes(let answer): answer
            case .later: card.complete()
            case .mute: nil
            }
        }
    }

    private static let success: UInt32 = 0
}
