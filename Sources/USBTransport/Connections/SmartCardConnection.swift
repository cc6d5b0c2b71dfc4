public import ByteBuffers

/// A smart card, or what behaves like one: one command in, one response out.
public protocol SmartCardConnection: AnyObject {
    /// Bytes that the card sent when it was powered (ISO 7816-3, answer to reset).
    var answerToReset: [UInt8] { get }

    /// Whether commands in extended form (ISO 7816-4, section 5.1) reach the card.
    var carriesExtendedAPDUs: Bool { get }

    /// Sends a command APDU and returns the response APDU, status word included, as long as it comes.
    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8]

    /// Powers the card off and closes the device below. Further calls do nothing.
    func close()
}

/// An exchange that did not come to a result.
public enum ConnectionError: Error, Hashable, Sendable {
    case usb(USBError)
    /// The device has no interface of the kind that the connection needs.
    case noSuitableInterface
    /// The reader carries transport units, not whole APDUs; this level is not spoken.
    case unsupportedExchangeLevel(CCIDDescriptor.ExchangeLevel)
    /// The reader reports an empty slot.
    case noCard
    /// The reader answered "command failed".
    case refused(CCIDErrorCode, CCIDMessageType)
    /// The device answered a CTAPHID message with an error.
    case refusedMessage(CTAPHIDErrorCode, CTAPHIDCommand)
    /// What came is not the message that the standard asks for.
    case malformed(MalformedMessage)
    /// The card went on asking for more time.
    case tooManyTimeExtensions
    /// Only answers to commands of an earlier session came.
    case tooManyStaleMessages
    /// The command is longer than an APDU can be.
    case commandTooLong(Int)

    public enum MalformedMessage: Hashable, Sendable {
        /// Shorter than its header or than its own length field says.
        case truncated
        /// `dwLength` is beyond what the reader announced.
        case tooLong(Int)
        case unexpectedType(CCIDMessageType)
        /// A CTAPHID message begins that does not belong here.
        case unexpectedCommand(CTAPHIDCommand)
        /// A CTAPHID packet is missing or came twice.
        case unexpectedSequence(UInt8)
        case unexpectedSlot(UInt8)
        /// `bChainParameter` does not fit what was sent.
        case unexpectedChainParameter(UInt8)
        /// A chained response that never ends.
        case endlessChain
    }
}
