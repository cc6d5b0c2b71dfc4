import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision

@Suite struct CommandAPDUTests {
    private func encoded(_ form: CommandAPDU.Form, _ data: [UInt8]) throws -> [UInt8] {
        let command = CommandAPDU(cla: 0x80, ins: 0x01, p1: 0x02, p2: 0x03, data: WipedBuffer(data))
        return try #require(command.encoded(form)).withBytes { [UInt8](copying: $0) }
    }

    @Test func theShortFormAsksForAnAnswerWhereThereIsNoData() throws {
        #expect(try encoded(.short, []) == [0x80, 1, 2, 3, 0])
        #expect(try encoded(.short, [9, 8]) == [0x80, 1, 2, 3, 2, 9, 8])
        #expect(try encoded(.short, [UInt8](repeating: 7, count: 255)).count == 5 + 255)
    }

    @Test func theExtendedFormHasThreeLengthBytes() throws {
        #expect(try encoded(.extended, []) == [0x80, 1, 2, 3])
        #expect(try encoded(.extended, [9]) == [0x80, 1, 2, 3, 0, 0, 1, 9])
    }

    @Test func longDataTakesTheExtendedForm() throws {
        let long = [UInt8](repeating: 7, count: 256)
        #expect(try encoded(.short, long) == [0x80, 1, 2, 3, 0, 1, 0] + long)
        #expect(CommandAPDU(ins: 1, data: WipedBuffer([UInt8](repeating: 0, count: 65_536))).encoded(.short) == nil)
    }
}

@Suite struct ResponseAPDUTests {
    @Test func theLastTwoBytesAreTheStatusWord() throws {
        let response = try #require(ResponseAPDU(parsing: [1, 2, 0x61, 0x10]))
        #expect(Array(response.data) == [1, 2])
        #expect(response.status.hasMoreData)
        #expect(response.status.description == "6110")
    }

    @Test(arguments: [[], [0x90]] as [[UInt8]])
    func lessThanAStatusWordIsNoResponse(_ bytes: [UInt8]) { #expect(ResponseAPDU(parsing: bytes) == nil) }
}

@Suite struct TLVTests {
    @Test(arguments: [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
    func lengthsComeBackInTheirShortestForm(_ length: Int) throws {
        let buffer = WipedBuffer()
        buffer.append(tag: 0x71, [UInt8](repeating: 5, count: length))
        let bytes = buffer.withBytes { [UInt8](copying: $0) }
        #expect(bytes.count == length + (length < 0x80 ? 2 : length < 0x100 ? 3 : 4))
        let list = try TLV.parseList(bytes[...])
        #expect(list.count == 1)
        #expect(list.first?.value.count == length)
    }

    @Test(
        arguments: [
            [0x71], [0x71, 2, 1], [0x71, 0x81], [0x71, 0x82, 1], [0x71, 0x80], [0x71, 0x83, 0, 0, 0], [0x71, 0xFF],
        ] as [[UInt8]])
    func whatBreaksTheLayoutIsRefused(_ bytes: [UInt8]) {
        #expect(throws: TLV.Malformed(offset: 0)) { try TLV.parseList(bytes[...]) }
    }

    @Test func theErrorSaysWhere() {
        #expect(throws: TLV.Malformed(offset: 3)) { try TLV.parseList([0x71, 1, 9, 0x72, 4, 0]) }
    }

    @Test func anyBytesEnd() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? TLV.parseList(bytes[...])
            _ = YubiKeyManagement.parse(bytes[...])
        }
    }
}

@Suite struct APDUChannelTests {
    private let command = CommandAPDU(ins: 0xA1)

    @Test func chainedResponsesAreJoined() throws {
        let card = RecordingCard([[1, 2, 0x61, 0xFF], [3, 0x61, 1], [4, 0x90, 0]])
        let response = try APDUChannel(connection: card).send(command, continuation: 0xA5, during: .listing)
        #expect(Array(response.data) == [1, 2, 3, 4])
        #expect(response.status == .ok)
        #expect(card.commands == [[0, 0xA1, 0, 0, 0], [0, 0xA5, 0, 0, 0], [0, 0xA5, 0, 0, 0]])
    }

    @Test func moreDataWithoutDataEndsTheChain() {
        let card = RecordingCard([[0x61, 0xFF]])
        #expect(throws: DeviceError.malformedResponse(during: .listing)) {
            try APDUChannel(connection: card).send(command, during: .listing)
        }
        #expect(card.commands.count == 1)
    }

    @Test func anEndlessChainEnds() {
        let card = RecordingCard(Array(repeating: [UInt8](repeating: 1, count: 254) + [0x61, 0xFF], count: 1_000))
        #expect(throws: DeviceError.malformedResponse(during: .listing)) {
            try APDUChannel(connection: card).send(command, during: .listing)
        }
        #expect(card.commands.count < 300)
    }

    @Test(arguments: [0x6A82, 0x6A81, 0x6D00, 0x6E00] as [UInt16])
    func aMissingAppletIsOneError(_ status: UInt16) {
        let card = RecordingCard([[UInt8(status >> 8), UInt8(truncatingIfNeeded: status)]])
        #expect(throws: DeviceError.applicationNotAvailable(.selecting)) {
            try APDUChannel(connection: card).select(YKOATH.applicationID, during: .selecting)
        }
    }

    @Test func anotherStatusOfSelectIsKept() {
        #expect(throws: DeviceError.status(StatusWord(rawValue: 0x6F00), during: .selecting)) {
            try APDUChannel(connection: RecordingCard([[0x6F, 0x00]])).select(YKOATH.applicationID, during: .selecting)
        }
    }

    @Test func aReaderForShortCommandsGetsNoLongOne() {
        let card = RecordingCard([[0x90, 0]], carriesExtendedAPDUs: false)
        let long = CommandAPDU(ins: 1, data: WipedBuffer([UInt8](repeating: 0, count: 256)))
        #expect(throws: DeviceError.connection(.commandTooLong(256), during: .writing)) {
            try APDUChannel(connection: card).send(long, during: .writing)
        }
        #expect(card.commands.isEmpty)
    }

    /// What is told of an exchange has lengths and the status word, and no byte of the data.
    @Test func theObserverHearsNoData() throws {
        var lines: [String] = []
        let channel = APDUChannel(connection: RecordingCard([[7, 7, 7, 0x90, 0]])) { lines.append("\($0)") }
        _ = try channel.send(CommandAPDU(ins: 0x01, data: WipedBuffer([9, 9])), during: .writing)
        #expect(lines == ["00 01 00 00, 2 bytes: 9000, 3 bytes"])
    }
}

@Suite struct TouchWorkaroundTests {
    @Test func aDummyCommandFollowsALongAnswer() throws {
        let long = [UInt8](repeating: 1, count: 60)
        let card = RecordingCard([long, [0x6D, 0], [0x90, 0], [0x90, 0]])
        let connection = TouchWorkaround(card)
        for _ in 0..<3 { _ = try connection.transmit(WipedBuffer([0, 1, 0, 0, 0])) }
        #expect(card.commands == [[0, 1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]])
    }

    @Test func onlySixFirmwareVersionsNeedIt() {
        #expect(!TouchWorkaround.applies(to: Version(4, 1, 9)))
        #expect(TouchWorkaround.applies(to: Version(4, 2, 0)))
        #expect(TouchWorkaround.applies(to: Version(4, 2, 6)))
        #expect(!TouchWorkaround.applies(to: Version(4, 2, 7)))
        #expect(Version(bcd: 0x0426) == Version(4, 2, 6))
    }
}

@Suite struct OATHCredentialIDTests {
    @Test(
        arguments: [
            ("Example", "alice", 30, "Example:alice"), (nil, "alice", 30, "alice"),
            ("Big Co", "bob", 60, "60/Big Co:bob"),
            (nil, "bob", 15, "15/bob"), ("a/b", "c", 30, "a/b:c"),
        ] as [(String?, String, Int, String)])
    func namesAreWrittenAndReadBack(_ issuer: String?, _ account: String, _ period: Int, _ name: String) throws {
        let id = try OATHCredentialID(Label(issuer: issuer, account: account), .totp(period: period))
        #expect(id.bytes == Array(name.utf8))
        let parts = id.parts(isTOTP: true)
        #expect(parts.issuer == issuer && parts.account == account && parts.period == period)
    }

    @Test func aHOTPNameHasNoPeriod() throws {
        let id = try OATHCredentialID(Label(account: "60/x"), .hotp(counter: 0))
        #expect(id.parts(isTOTP: false).account == "60/x")
    }

    @Test func namesOfOtherProgramsAreReadWithoutATrap() {
        var generator = SeededGenerator(seed: 11)
        for name in ["", ":", "x:", ":x", "/", "60/", "99999999999999999999/x", "+6/x", "0/x", "60/:"] {
            _ = OATHCredentialID(bytes: Array(name.utf8)).parts(isTOTP: true)
        }
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let parts = OATHCredentialID(bytes: bytes).parts(isTOTP: true)
            #expect(parts.period > 0)
        }
    }
}

/// A card that answers in order and keeps what it was sent.
final class RecordingCard: SmartCardConnection {
    let answerToReset: [UInt8] = []
    let carriesExtendedAPDUs: Bool
    private(set) var commands: [[UInt8]] = []
    private var answers: ArraySlice<[UInt8]>

    init(_ answers: [[UInt8]], carriesExtendedAPDUs: Bool = true) {
        self.answers = answers[...]
        self.carriesExtendedAPDUs = carriesExtendedAPDUs
    }

    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        commands.append(command.withBytes { [UInt8](copying: $0) })
        guard let answer = answers.popFirst() else { throw .noCard }
        return answer
    }

    func close() {}
}
