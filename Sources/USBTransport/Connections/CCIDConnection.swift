public import ByteBuffers

/// A smart card behind a CCID interface that takes whole APDUs.
///
/// From opening to the ATR this takes two transfers: IccPowerOn and its answer. A key is always present in its own
/// reader, so the slot is asked for its status only when powering fails.
public final class CCIDConnection: SmartCardConnection {
    /// Longest response: 65,536 bytes of data and the status word (ISO 7816-4, section 5.1).
    static let maxResponseLength = 65_538
    /// Longest command: header, three-byte Lc, 65,535 bytes and two-byte Le.
    static let maxCommandLength = 65_544

    public private(set) var answerToReset: [UInt8] = []
    public let carriesExtendedAPDUs: Bool

    private let device: any USBDevice
    private let pipe: CCIDPipe
    private let maxBlockLength: Int
    private var isOpen = true

    /// Claims the CCID interface of an opened device and powers the card.
    ///
    /// The device is closed again when this throws.
    public init(
        device: any USBDevice, configuration: ConfigurationDescriptor, limits: CCIDLimits = CCIDLimits()
    ) throws(ConnectionError) {
        guard let interface = configuration.interfaces.first(where: { $0.ccid != nil }), let ccid = interface.ccid,
            let bulkOut = interface.endpoint(.bulk, in: .out), let bulkIn = interface.endpoint(.bulk, in: .in)
        else {
            device.close()
            throw .noSuitableInterface
        }
        switch ccid.exchangeLevel {
        case .shortAPDU: carriesExtendedAPDUs = false
        case .extendedAPDU: carriesExtendedAPDUs = true
        case .character, .tpdu:
            device.close()
            throw .unsupportedExchangeLevel(ccid.exchangeLevel)
        }
        self.device = device
        pipe = CCIDPipe(
            device: device, bulkOut: bulkOut, bulkIn: bulkIn, maxMessageLength: ccid.maxMessageLength, limits: limits)
        maxBlockLength = max(ccid.maxMessageLength - CCIDCommand.headerLength, 1)
        do throws(ConnectionError) {
            try claim(interface.number)
            answerToReset = try powerOn(interface.number)
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    public func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        guard command.count <= Self.maxCommandLength else { throw .commandTooLong(command.count) }
        var block = try command.withBytes { bytes throws(ConnectionError) in try sendBlocks(bytes) }
        var response = Array(block.data)
        while true {
            switch ChainParameter(rawValue: block.chainParameter) {
            case .whole, .last:
                return response
            case .first, .middle:
                // A part without data would let the chain go on for ever.
                guard !block.data.isEmpty, response.count <= Self.maxResponseLength else {
                    throw .malformed(.endlessChain)
                }
                block = try pipe.exchange(.transferBlock, level: .continueResponse, answer: .dataBlock)
                response += block.data
            case .continueCommand, nil:
                throw .malformed(.unexpectedChainParameter(block.chainParameter))
            }
        }
    }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        // Ends an unlocked session on the card. A reader that kept silent is not asked again: it would only take its time.
        if pipe.isAnswering { _ = try? pipe.exchange(.powerOff, answer: .slotStatus) }
        device.close()
    }

    /// The card's state as the reader sees it.
    public func isCardPresent() throws(ConnectionError) -> Bool {
        do throws(ConnectionError) {
            return try pipe.exchange(.getSlotStatus, answer: .slotStatus).cardStatus != .absent
        } catch .noCard {
            return false
        }
    }

    private func claim(_ interface: UInt8) throws(ConnectionError) {
        do throws(USBError) {
            try device.claimInterface(interface)
        } catch {
            throw .usb(error)
        }
    }

    /// Powers the card with the voltage that the reader chooses.
    ///
    /// A program that ended early can leave the card in a state in which it keeps silent; once off and on again
    /// helps.
    ///
    /// One that ended while the key waited for a touch leaves that command behind, and the slot busy until it is aborted.
    private func powerOn(_ interface: UInt8) throws(ConnectionError) -> [UInt8] {
        do throws(ConnectionError) {
            return try Array(pipe.exchange(.powerOn, answer: .dataBlock).data)
        } catch .refused(.slotBusy, _) {
            try pipe.abort(interface: interface)
            return try Array(pipe.exchange(.powerOn, answer: .dataBlock).data)
        } catch .refused(.iccMute, _), .refused(.deactivatedProtocol, _) {
            guard try isCardPresent() else { throw .noCard }
            _ = try pipe.exchange(.powerOff, answer: .slotStatus)
            return try Array(pipe.exchange(.powerOn, answer: .dataBlock).data)
        }
    }

    /// Sends a command in as many blocks as the reader's message length asks for.
    ///
    /// - Returns: the answer to the last block.
    private func sendBlocks(_ command: RawSpan) throws(ConnectionError) -> CCIDResponse {
        var offset = 0
        while true {
            let end = min(offset + maxBlockLength, command.byteCount)
            let isLast = end == command.byteCount
            let level: ChainLevel =
                switch (offset == 0, isLast) {
                case (true, true): .whole
                case (true, false): .first
                case (false, false): .middle
                case (false, true): .last
                }
            let answer = try pipe.exchange(
                .transferBlock, level: level, data: command.extracting(offset..<end), answer: .dataBlock)
            if isLast { return answer }
            guard answer.chainParameter == ChainParameter.continueCommand.rawValue else {
                throw .malformed(.unexpectedChainParameter(answer.chainParameter))
            }
            offset = end
        }
    }
}
