/// The CCID function of a virtual key: bytes on the bulk OUT endpoint in, messages on the bulk and interrupt IN
/// endpoints out (USB Device Class: Smart Card, CCID 1.1). One slot, one command at a time, the card always there.
struct CCIDReader<Card: SmartCard>: Sendable {
    let profile: CCIDProfile
    var card: Card
    var bulkIn: InboundPipe
    var interruptIn: InboundPipe

    private(set) var isActive = false
    private var arriving: [UInt8] = []
    private var commandChain: [UInt8]?
    private var answerRest: ArraySlice<UInt8>?
    private var pending: PendingCommand?
    private var abort = AbortState()

    /// A command that the card has not answered yet.
    private struct PendingCommand {
        let sequence: UInt8
        let due: Duration
        var nextExtension: Duration
    }

    /// An abort takes a control request and a bulk message with one sequence number, in either order.
    private struct AbortState {
        var requested: UInt8?
        var messaged: UInt8?
    }

    init(profile: CCIDProfile, card: Card, bulkPacketSize: Int, interruptPacketSize: Int) {
        self.profile = profile
        self.card = card
        bulkIn = InboundPipe(packetSize: bulkPacketSize, endsWithShortPacket: profile.sendsZeroLengthPackets)
        interruptIn = InboundPipe(packetSize: interruptPacketSize, endsWithShortPacket: false)
    }

    /// The device has power: the host is told of the card (CCID 1.1, section 6.3.1).
    mutating func plugIn() {
        interruptIn.send([NotifySlotChange.messageType, NotifySlotChange.slot0Inserted])
        if let stale = profile.staleMessage { bulkIn.send(stale) }
    }

    /// All that is not in the card's memory is gone.
    mutating func losePower() {
        deactivate()
        card.losePower()
        arriving = []
        abort = AbortState()
        bulkIn.removeAll()
        interruptIn.removeAll()
    }

    // MARK: From the host

    /// One bulk OUT transfer. A message may take several, each but the last a multiple of the packet size.
    mutating func receive(_ transfer: [UInt8], at now: Duration) {
        advance(to: now)
        arriving += transfer
        let ended = !transfer.count.isMultiple(of: bulkIn.packetSize) || transfer.isEmpty
        guard let command = try? CCIDCommand(parsing: arriving) else {
            // Without a header there is no sequence number to answer to.
            if ended { arriving = [] }
            return
        }
        let isComplete = command.data.count >= command.declaredLength
        let isTooLong = command.declaredLength > profile.maxMessageLength - CCIDCommand.headerLength
        guard isComplete || isTooLong || ended else { return }
        arriving = []
        execute(command, at: now)
    }

    /// The ABORT request of the control pipe (CCID 1.1, section 5.3.1).
    ///
    /// - Returns: false for a slot that is not there.
    mutating func requestAbort(slot: UInt8, sequence: UInt8) -> Bool {
        guard slot == 0 else { return false }
        abort.requested = sequence
        finishAbort()
        return true
    }

    private mutating func execute(_ command: CCIDCommand, at now: Duration) {
        guard let answerType = command.type.answer else {
            if !profile.ignoresUnknownMessages { fail(command, .slotStatus, .commandNotSupported) }
            return
        }
        guard command.slot == 0 else { return fail(command, answerType, .badSlot, card: .absent) }
        guard command.data.count == command.declaredLength,
            command.declaredLength <= profile.maxMessageLength - CCIDCommand.headerLength,
            command.data.isEmpty || command.type.carriesData
        else { return fail(command, answerType, .badLength) }
        if command.type == .abort {
            abort.messaged = command.sequence
            return finishAbort()
        }
        guard abort.requested == nil else { return fail(command, answerType, .aborted) }
        guard pending == nil || command.type == .getSlotStatus || command.type == .iccPowerOff else {
            return fail(command, answerType, .slotBusy)
        }

        switch command.type {
        case .iccPowerOn: powerOn(command)
        case .iccPowerOff:
            deactivate()
            succeed(command, .slotStatus)
        case .getSlotStatus: succeed(command, .slotStatus)
        case .xfrBlock: transferBlock(command, at: now)
        case .getParameters, .resetParameters: answerParameters(command)
        case .setParameters:
            switch profile.setParameters {
            case .answersParameters: answerParameters(command)
            case .fails(let type): fail(command, CCIDAnswerType(rawValue: type), .commandNotSupported)
            }
        default: fail(command, answerType, .commandNotSupported)
        }
    }

    private mutating func powerOn(_ command: CCIDCommand) {
        guard command.specific <= PowerSelect.highest,
            command.specific == PowerSelect.automatic || !profile.acceptsAutomaticVoltageOnly
        else { return fail(command, .dataBlock, .badPowerSelect) }
        deactivate()
        card.powerOn()
        isActive = true
        succeed(command, .dataBlock, data: profile.answerToReset)
    }

    private mutating func answerParameters(_ command: CCIDCommand) {
        succeed(command, .parameters, specific: TransmissionProtocol.t1, data: profile.parameters)
    }

    private mutating func deactivate() {
        if isActive { card.powerOff() }
        isActive = false
        commandChain = nil
        answerRest = nil
        pending = nil
    }

    // MARK: Commands for the card

    private mutating func transferBlock(_ command: CCIDCommand, at now: Duration) {
        guard isActive else { return fail(command, .dataBlock, .mute) }
        let level = ChainLevel(rawValue: command.level)
        if level != .goOn { answerRest = nil }
        switch level {
        case .whole:
            commandChain = nil
            transmit(command.data, sequence: command.sequence, at: now)
        case .first:
            commandChain = command.data
            succeed(command, .dataBlock, specific: ChainLevel.goOn.byte)
        case .middle, .last:
            guard let begun = commandChain else { return fail(command, .dataBlock, .badLevel) }
            commandChain = nil
            let joined = begun + command.data
            guard joined.count <= CommandAPDU.longest else { return fail(command, .dataBlock, .overrun) }
            if level == .last { return transmit(joined, sequence: command.sequence, at: now) }
            commandChain = joined
            succeed(command, .dataBlock, specific: ChainLevel.goOn.byte)
        case .goOn:
            guard let rest = answerRest, command.data.isEmpty else { return fail(command, .dataBlock, .badLevel) }
            sendChunk(of: rest, isFirst: false, sequence: command.sequence)
        default: fail(command, .dataBlock, .badLevel)
        }
    }

    private mutating func transmit(_ bytes: [UInt8], sequence: UInt8, at now: Duration) {
        switch card.transmit(bytes) {
        case .bytes(let answer): sendChunk(of: answer[...], isFirst: true, sequence: sequence)
        case .mute: send(answer(.dataBlock, sequence, .failed, error: .mute))
        case .later(let delay):
            pending = PendingCommand(
                sequence: sequence, due: now + max(delay, .zero), nextExtension: now + extensionPeriod)
            advance(to: now)
        }
    }

    private mutating func sendChunk(of rest: ArraySlice<UInt8>, isFirst: Bool, sequence: UInt8) {
        let chunk = rest.prefix(profile.answerCapacity)
        let remainder = rest.dropFirst(chunk.count)
        answerRest = remainder.isEmpty ? nil : remainder
        let level: ChainLevel =
            if remainder.isEmpty { isFirst ? .whole : .last } else { isFirst ? .first : .middle }
        var block = answer(.dataBlock, sequence, .done)
        (block.specific, block.data) = (level.byte, Array(chunk))
        send(block)
    }

    private mutating func finishAbort() {
        guard let sequence = abort.requested, sequence == abort.messaged else { return }
        abort = AbortState()
        (pending, commandChain, answerRest) = (nil, nil, nil)
        send(answer(.slotStatus, sequence, .done))
    }

    // MARK: Time

    private var extensionPeriod: Duration { max(profile.timeExtensionPeriod, .milliseconds(1)) }

    /// When the reader will next have something to say by itself.
    var nextEvent: Duration? { pending.map { min($0.due, $0.nextExtension) } }

    /// Says what is due by `now`.
    mutating func advance(to now: Duration) {
        while var waiting = pending, min(waiting.due, waiting.nextExtension) <= now {
            if waiting.due <= waiting.nextExtension {
                pending = nil
                sendChunk(of: card.complete()[...], isFirst: true, sequence: waiting.sequence)
            } else {
                waiting.nextExtension += extensionPeriod
                pending = waiting
                // An endpoint that the host does not read has no room for a second request.
                guard bulkIn.isEmpty else { continue }
                var request = answer(.dataBlock, waiting.sequence, .timeExtension)
                request.error = profile.timeExtensionMultiplier
                send(request)
            }
        }
    }

    // MARK: To the host

    private mutating func succeed(
        _ command: CCIDCommand, _ type: CCIDAnswerType, specific: UInt8 = 0, data: [UInt8] = []
    ) {
        var message = answer(type, command.sequence, .done)
        (message.specific, message.data) = (specific, data)
        send(message)
    }

    private mutating func fail(
        _ command: CCIDCommand, _ type: CCIDAnswerType, _ error: CCIDError, card: CardStatus? = nil
    ) {
        var message = answer(type, command.sequence, .failed, error: error, card: card)
        message.slot = command.slot
        send(message)
    }

    private func answer(
        _ type: CCIDAnswerType, _ sequence: UInt8, _ status: CommandStatus, error: CCIDError? = nil,
        card: CardStatus? = nil
    ) -> CCIDAnswer {
        let noise: CCIDError? = status == .done && profile.setsErrorOnSuccess ? .noiseOnSuccess : nil
        return CCIDAnswer(
            type: type, slot: 0, sequence: sequence,
            status: status.rawValue | (card ?? (isActive ? .active : .inactive)).rawValue,
            error: (error ?? noise)?.rawValue ?? 0)
    }

    private mutating func send(_ message: CCIDAnswer) { bulkIn.send(message.bytes) }
}

/// RDR_to_PC_NotifySlotChange (CCID 1.1, section 6.3.1): two bits a slot, present and changed.
private enum NotifySlotChange {
    static let messageType: UInt8 = 0x50
    static let slot0Inserted: UInt8 = 0b11
}

/// `bPowerSelect` of IccPowerOn (CCID 1.1, section 6.1.1).
private enum PowerSelect {
    static let automatic: UInt8 = 0
    static let highest: UInt8 = 3
}

/// `bProtocolNum` (CCID 1.1, section 6.2.3).
private enum TransmissionProtocol {
    static let t1: UInt8 = 1
}
