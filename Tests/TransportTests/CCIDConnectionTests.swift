import ByteBuffers
import TestSupport
import Testing
import USBTransport

@Suite struct CCIDConnectionTests {
    private let command: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x00]
    private let ok: [UInt8] = [0x90, 0x00]

    private func transmit(
        _ steps: [ScriptedDevice.Step], maxMessageLength: UInt16 = 3072, limits: CCIDLimits = CCIDLimits(),
        command: [UInt8]? = nil
    ) throws -> [UInt8] {
        let device = ScriptedDevice(powerOn() + steps)
        let connection = try CCIDConnection(
            device: device, configuration: readerConfiguration(maxMessageLength: maxMessageLength), limits: limits)
        let result = Result { try connection.transmit(WipedBuffer(command ?? self.command)) }
        #expect(device.isFinished, "\(device.deviation ?? "not all steps were taken")")
        return try result.get()
    }

    @Test func claimsTheInterfaceWithTheCCIDDescriptor() throws {
        let device = ScriptedDevice(powerOn())
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        #expect(device.claimed == [0])
        #expect(connection.carriesExtendedAPDUs)
    }

    @Test func powersOffOnceAndClosesOnce() throws {
        let device = ScriptedDevice(powerOn() + powerOff(sequence: 1))
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        connection.close()
        connection.close()
        #expect(device.isFinished)
        #expect(device.isClosed)
    }

    @Test func closesTheDeviceWhenOpeningFails() throws {
        let device = ScriptedDevice([.failure(.timeout)])
        #expect(throws: ConnectionError.usb(USBError(.timeout, during: .write(endpoint: 0x02)))) {
            try CCIDConnection(device: device, configuration: readerConfiguration())
        }
        #expect(device.isClosed)
    }

    @Test(arguments: [
        ([UInt8(0xBA), 0x04, 0x01, 0x00], CCIDDescriptor.ExchangeLevel.tpdu), ([0x30, 0, 0, 0], .character),
    ])
    func refusesReadersThatWantTransportUnits(_ features: [UInt8], _ level: CCIDDescriptor.ExchangeLevel) throws {
        let device = ScriptedDevice([])
        #expect(throws: ConnectionError.unsupportedExchangeLevel(level)) {
            try CCIDConnection(device: device, configuration: readerConfiguration(features: features))
        }
        #expect(device.isClosed)
    }

    @Test func shortAPDUReadersCarryNoExtendedCommands() throws {
        let device = ScriptedDevice(powerOn())
        let configuration = try readerConfiguration(features: [0x42, 0x08, 0x02, 0x00])
        #expect(try !CCIDConnection(device: device, configuration: configuration).carriesExtendedAPDUs)
    }

    // MARK: Power

    @Test func powersAMuteCardOffAndOnOnce() throws {
        let mute = header(0x80, sequence: 0, [0x41, 0xFE, 0])
        let device = ScriptedDevice(
            [.out(header(0x62, sequence: 0)), .in(mute)] + slotStatus(sequence: 1, card: 1) + powerOff(sequence: 2)
                + powerOn(sequence: 3, atr: [0x3B, 0x80]))
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        #expect(connection.answerToReset == [0x3B, 0x80])
        #expect(device.isFinished, "\(device.deviation ?? "")")
    }

    @Test func abortsACommandThatWasLeftBehind() throws {
        let busy = header(0x80, sequence: 0, [0x40, 0xE0, 0])
        let abort = ControlSetup(requestType: 0x21, request: 0x01, value: 0x0100, index: 0, length: 0)
        let device = ScriptedDevice(
            [
                .out(header(0x62, sequence: 0)), .in(busy), .control(abort), .out(header(0x72, sequence: 1)),
                .in(answer([0x6F, 0x00], sequence: 77)), .in(header(0x81, sequence: 1)),
            ] + powerOn(sequence: 2, atr: [0x3B, 0x80]))
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        #expect(connection.answerToReset == [0x3B, 0x80])
        #expect(device.isFinished, "\(device.deviation ?? "")")
    }

    @Test func reportsAnEmptySlot() throws {
        let absent = header(0x80, sequence: 0, [0x42, 0xFE, 0])
        let device = ScriptedDevice([.out(header(0x62, sequence: 0)), .in(absent)])
        #expect(throws: ConnectionError.noCard) {
            try CCIDConnection(device: device, configuration: readerConfiguration())
        }
    }

    // MARK: Sequence numbers and time

    @Test func passesOverStaleMessages() throws {
        let stale = (0..<10).map { ScriptedDevice.Step.in(answer([0x6A, 0x82], sequence: 200 + $0)) }
        #expect(try transmit([block(command, sequence: 1)] + stale + [.in(answer(ok, sequence: 1))]) == ok)
    }

    @Test func givesUpAfterTenStaleMessages() throws {
        let stale = (0..<11).map { ScriptedDevice.Step.in(answer(ok, sequence: 200 + $0)) }
        #expect(throws: ConnectionError.tooManyStaleMessages) { try transmit([block(command, sequence: 1)] + stale) }
    }

    @Test func countsSequencesInOneByte() throws {
        let exchanges = (1...300).flatMap { slotStatus(sequence: UInt8(truncatingIfNeeded: $0)) }
        let device = ScriptedDevice(powerOn() + exchanges)
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        for _ in 1...300 { #expect(try connection.isCardPresent()) }
        #expect(device.isFinished, "\(device.deviation ?? "")")
    }

    @Test func aTimeExtensionMultipliesTheTimeoutAndZeroMeansOne() throws {
        let device = ScriptedDevice(
            powerOn() + [
                block(command, sequence: 1), .in(answer([], sequence: 1, status: 0x80, error: 4)),
                .in(answer([], sequence: 1, status: 0x80, error: 0)), .in(answer(ok, sequence: 1)),
            ])
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        #expect(try connection.transmit(WipedBuffer(command)) == ok)
        #expect(device.timeouts == [.seconds(3), .seconds(3), .seconds(12), .seconds(3)])
    }

    @Test func doesNotWaitForEver() throws {
        var limits = CCIDLimits()
        limits.timeExtensions = 5
        let extensions = (0..<6).map { _ in ScriptedDevice.Step.in(answer([], sequence: 1, status: 0x80, error: 1)) }
        #expect(throws: ConnectionError.tooManyTimeExtensions) {
            try transmit([block(command, sequence: 1)] + extensions, limits: limits)
        }
    }

    @Test func ignoresAnErrorNumberBesideSuccess() throws {
        #expect(try transmit([block(command, sequence: 1), .in(answer(ok, sequence: 1, error: 0x81))]) == ok)
    }

    // MARK: Packets

    @Test func joinsAMessageThatComesInPieces() throws {
        let message = answer([UInt8](repeating: 7, count: 150), sequence: 1)
        let pieces = [message[..<64], message[64..<128], message[128...]].map { ScriptedDevice.Step.in(Array($0)) }
        #expect(try transmit([block(command, sequence: 1)] + pieces).count == 150)
    }

    @Test func passesOverZeroLengthPackets() throws {
        #expect(try transmit([block(command, sequence: 1), .in([]), .in(answer(ok, sequence: 1))]) == ok)
    }

    @Test func givesUpOnNothingButZeroLengthPackets() throws {
        let nothing = (0..<5).map { _ in ScriptedDevice.Step.in([]) }
        #expect(throws: ConnectionError.malformed(.truncated)) { try transmit([block(command, sequence: 1)] + nothing) }
    }

    @Test func refusesAMessageAboveTheAnnouncedLength() throws {
        var message = answer(ok, sequence: 1)
        message[2] = 0x10
        #expect(throws: ConnectionError.malformed(.tooLong(0x1002 + 10))) {
            try transmit([block(command, sequence: 1), .in(message)])
        }
    }

    @Test func refusesBytesAfterTheMessage() throws {
        #expect(throws: ConnectionError.malformed(.tooLong(13))) {
            try transmit([block(command, sequence: 1), .in(answer(ok, sequence: 1) + [0])])
        }
    }

    @Test func refusesAnotherTypeOrSlot() throws {
        var otherType = answer(ok, sequence: 1)
        otherType[0] = 0x83
        #expect(throws: ConnectionError.malformed(.unexpectedType(CCIDMessageType(rawValue: 0x83)))) {
            try transmit([block(command, sequence: 1), .in(otherType)])
        }
        var otherSlot = answer(ok, sequence: 1)
        otherSlot[5] = 1
        #expect(throws: ConnectionError.malformed(.unexpectedSlot(1))) {
            try transmit([block(command, sequence: 1), .in(otherSlot)])
        }
    }

    // MARK: Chaining

    @Test func cutsALongCommandIntoBlocks() throws {
        let long = (0..<40).map { UInt8($0) }
        let more = { (sequence: UInt8) in ScriptedDevice.Step.in(answer([], sequence: sequence, chain: 0x10)) }
        let steps: [ScriptedDevice.Step] = [
            block(Array(long[..<16]), sequence: 1, level: 1), more(1),
            block(Array(long[16..<32]), sequence: 2, level: 3), more(2),
            block(Array(long[32...]), sequence: 3, level: 2), .in(answer(ok, sequence: 3)),
        ]
        #expect(try transmit(steps, maxMessageLength: 26, command: long) == ok)
    }

    @Test func refusesAReaderThatDoesNotAskForTheRest() throws {
        let long = [UInt8](repeating: 1, count: 20)
        #expect(throws: ConnectionError.malformed(.unexpectedChainParameter(0))) {
            try transmit(
                [block(Array(long[..<16]), sequence: 1, level: 1), .in(answer(ok, sequence: 1))], maxMessageLength: 26,
                command: long)
        }
    }

    @Test func endsAChainThatBringsNothing() throws {
        #expect(throws: ConnectionError.malformed(.endlessChain)) {
            try transmit([block(command, sequence: 1), .in(answer([], sequence: 1, chain: 1))])
        }
    }

    @Test func refusesACommandLongerThanAnyAPDU() throws {
        #expect(throws: ConnectionError.commandTooLong(70_000)) {
            try transmit([], command: [UInt8](repeating: 0, count: 70_000))
        }
    }
}
