import ByteBuffers

/// The two bulk endpoints of a reader: one CCID command out, the answer to exactly that command in.
///
/// Answers are matched by `bSeq`. Messages with another one are left over from a program that ended early or from a
/// command that timed out, and are passed over.
final class CCIDPipe {
    private let device: any USBDevice
    private let bulkOut: UInt8
    private let bulkIn: UInt8
    private let limits: CCIDLimits
    /// In bytes, rounded up to whole packets so that a full message never overflows the transfer.
    private let readLength: Int
    private let maxMessageLength: Int
    private var sequence: UInt8 = 0
    /// Whether the last command got its answer, be it a refusal.
    private(set) var isAnswering = false

    static let slot: UInt8 = 0

    init(
        device: any USBDevice, bulkOut: EndpointDescriptor, bulkIn: EndpointDescriptor, maxMessageLength: Int,
        limits: CCIDLimits
    ) {
        self.device = device
        self.bulkOut = bulkOut.address
        self.bulkIn = bulkIn.address
        self.limits = limits
        self.maxMessageLength = max(maxMessageLength, CCIDResponse.headerLength)
        let packet = max(bulkIn.maxPacketSize, 1)
        readLength = (self.maxMessageLength + packet - 1) / packet * packet
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Returns: an answer of type `answer` whose command status is "processed". A `bError` beside that status has no
    ///   meaning (CanoKey sets one) and is not looked at.
    func exchange(
        _ type: CCIDMessageType, selector: UInt8 = 0, level: ChainLevel = .whole, data: RawSpan = RawSpan(),
        answer: CCIDMessageType
    ) throws(ConnectionError) -> CCIDResponse {
        let command = CCIDCommand(
            type: type, slot: Self.slot, sequence: sequence, selector: selector, level: level)
        sequence &+= 1
        isAnswering = false
        try send(command.message(data))

        var timeout = limits.readTimeout
        var timeExtensions = 0
        var staleMessages = 0
        while true {
            let response = try receive(timeout: timeout)
            guard response.sequence == command.sequence else {
                staleMessages += 1
                guard staleMessages <= limits.staleMessages else { throw .tooManyStaleMessages }
                continue
            }
            guard response.slot == command.slot else { throw .malformed(.unexpectedSlot(response.slot)) }
            isAnswering = true
            guard response.type == answer else { throw .malformed(.unexpectedType(response.type)) }
            switch response.commandStatus {
            case .processed:
                return response
            case .timeExtension:
                isAnswering = false
                timeExtensions += 1
                guard timeExtensions <= limits.timeExtensions else { throw .tooManyTimeExtensions }
                // A multiplier of 0 would give no time at all; readers that send it mean 1.
                timeout = limits.readTimeout * Int(max(response.error, 1))
            case .failed, .reserved:
                if response.cardStatus == .absent { throw .noCard }
                throw .refused(CCIDErrorCode(rawValue: response.error), type)
            }
        }
    }

    /// Has the reader give up a command that it still works on. The request goes over the control pipe and over the bulk
    /// pipe, with one sequence number (USB CCID 1.1, section 5.3.1).
    func abort(interface: UInt8) throws(ConnectionError) {
        let setup = ControlSetup(
            requestType: ControlSetup.Kind.class.rawValue | ControlSetup.Recipient.interface.rawValue,
            request: Self.abortRequest, value: UInt16(sequence) << 8 | UInt16(Self.slot), index: UInt16(interface),
            length: 0)
        do throws(USBError) {
            _ = try device.control(setup, data: RawSpan(), timeout: limits.writeTimeout)
        } catch {
            throw .usb(error)
        }
        _ = try exchange(.abort, answer: .slotStatus)
    }

    private static let abortRequest: UInt8 = 0x01

    private func send(_ message: WipedBuffer) throws(ConnectionError) {
        do throws(USBError) {
            try message.withBytes { bytes throws(USBError) in
                try device.write(bytes, to: bulkOut, timeout: limits.writeTimeout)
            }
        } catch {
            throw .usb(error)
        }
    }

    /// Reads one message, which may take several transfers. Zero-length packets, which end a message of whole packets,
    /// may be left over from the transfer before and are passed over.
    private func receive(timeout: Duration) throws(ConnectionError) -> CCIDResponse {
        var message: [UInt8] = []
        var emptyTransfers = 0
        while true {
            let part = try read(timeout: timeout)
            message += part
            if part.isEmpty { emptyTransfers += 1 }
            guard emptyTransfers <= limits.emptyTransfers else { throw .malformed(.truncated) }
            guard let expected = CCIDResponse.expectedLength(of: message) else { continue }
            guard expected <= maxMessageLength else { throw .malformed(.tooLong(expected)) }
            if message.count >= expected { return try CCIDResponse(parsing: message) }
        }
    }

    private func read(timeout: Duration) throws(ConnectionError) -> [UInt8] {
        do throws(USBError) {
            return try device.read(upTo: readLength, from: bulkIn, timeout: timeout)
        } catch {
            throw .usb(error)
        }
    }
}

/// How long, and how often, the connection waits.
public struct CCIDLimits: Hashable, Sendable {
    public var writeTimeout: Duration = .seconds(5)
    /// Readers ask for more time well within this.
    public var readTimeout: Duration = .seconds(3)
    /// Time extensions for one command. They come every 0.5 to 1.5 s, and the longest wait of a key, for a touch, is
    /// 30 s.
    public var timeExtensions = 120
    /// Leftover messages passed over for one command, as many as libccid does.
    public var staleMessages = 10
    public var emptyTransfers = 4

    public init() {}
}
