/// What sets one CCID reader apart from another, as data: the numbers of its class descriptor (CCID 1.1, section 5.1)
/// and the habits in which known firmwares differ.
public struct CCIDProfile: Hashable, Sendable {
    public enum SetParametersHabit: Hashable, Sendable {
        /// Answers with the structure that is in force.
        case answersParameters
        /// Fails, under a message type of the firmware's own: usbd-ccid takes the command's, 0x6C.
        case fails(messageType: UInt8)
    }

    public var answerToReset: [UInt8]
    /// `bcdCCID`
    public var version: UInt16 = 0x0100
    /// `dwProtocols`: bit 0 T=0, bit 1 T=1.
    public var protocols: UInt32 = 0x02
    public var maxIFSD: Int
    /// `dwFeatures`
    public var features: UInt32 = 0x0004_00FE
    /// `dwMaxCCIDMessageLength`: bytes, the 10-byte header included.
    public var maxMessageLength: Int
    /// Answer bytes in one DataBlock; longer answers are chained. Nil: as many as a message holds.
    public var chunkSize: Int?
    /// Refuses any `bPowerSelect` but automatic with error 07 (CanoKey).
    public var acceptsAutomaticVoltageOnly = false
    /// Sets `bError` to 0x81 on success (CanoKey); hosts have to ignore it.
    public var setsErrorOnSuccess = false
    /// Says nothing at all to a message type it does not know (Pico-FIDO).
    public var ignoresUnknownMessages = false
    public var setParameters = SetParametersHabit.answersParameters
    /// T=1 structure of GetParameters (CCID 1.1, section 6.2.3): Fi/Di, checksum type, guard time, waiting times,
    /// clock stop, IFSC, NAD.
    public var parameters: [UInt8] = [0x11, 0x10, 0x00, 0x4D, 0x00, 0xFE, 0x00]
    /// A command that is not answered yet asks for more time this often.
    public var timeExtensionPeriod: Duration = .milliseconds(500)
    /// `bError` of such a request. Pico-FIDO sends 0.
    public var timeExtensionMultiplier: UInt8 = 1
    /// Ends a message that fills its last packet with a packet of no bytes, as USB asks for and usbd-ccid does.
    public var sendsZeroLengthPackets = true
    /// A message that an earlier program did not fetch: the first thing on the bulk IN endpoint after plug-in.
    public var staleMessage: [UInt8]?

    public init(answerToReset: [UInt8], maxMessageLength: Int, maxIFSD: Int) {
        self.answerToReset = answerToReset
        self.maxMessageLength = maxMessageLength
        self.maxIFSD = maxIFSD
    }

    /// Of a device without a reader: there is no endpoint that leads to it.
    static let none = CCIDProfile(answerToReset: [], maxMessageLength: CCIDCommand.headerLength, maxIFSD: 0)

    /// Answer bytes that one DataBlock may carry.
    var answerCapacity: Int { max(1, chunkSize ?? (maxMessageLength - CCIDCommand.headerLength)) }
}
