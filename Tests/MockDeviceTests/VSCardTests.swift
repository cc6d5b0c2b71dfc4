import TestSupport
import Testing

@testable import MockDevices

/// The card side of QEMU's reader protocol.
@Suite struct VSCardTests {
    private static let success: [UInt8] = [0, 0, 0, 0]
    private static let reader: UInt32 = 0
    private static let selectOATH: [UInt8] = [0, 0xA4, 4, 0, 7] + OATHApplet.identifier

    private static func session(_ model: String = "yubikey5") throws -> VSCardSession {
        let model = try #require(VirtualModel.named(model))
        return try #require(VSCardSession(VirtualKey(model: model, serial: 99_000_001)))
    }

    /// What QEMU sends until the card is in, and one command.
    private static let conversation: [VSCardMessage] = [
        .greeting, VSCardMessage(.error, reader: reader, success), VSCardMessage(.error, reader: reader, success),
        VSCardMessage(.apdu, reader: reader, selectOATH),
    ]

    private static func messages(_ bytes: [UInt8]) throws -> [VSCardMessage] {
        var rest = bytes
        var found: [VSCardMessage] = []
        while let message = try VSCardMessage(takenFrom: &rest) { found.append(message) }
        #expect(rest.isEmpty)
        return found
    }

    @Test func `the first bytes are those that QEMU looks for`() throws {
        #expect(try hex(Self.session().greeting) == "00000001ffffffff0000000c56534344" + "0000000200000000")
    }

    @Test func `a reader is added, then the card's ATR is told once, then commands are answered`() throws {
        var session = try Self.session()
        let answers = try Self.conversation.map { try Self.messages(session.receive($0.bytes)) }
        #expect(answers.map { $0.map(\.type) } == [[.readerAdd], [.answerToReset], [], [.apdu]])
        #expect(answers[0].first?.reader == VSCardMessage.noReader)
        #expect(answers[1].first.map { hex($0.payload) } == "3bfd1300008131fe158073c021c057597562694b657940")
        #expect(answers[3].first.map { hex($0.payload.suffix(2)) } == "9000")
    }

    @Test func `messages may come in pieces of any size`() throws {
        let bytes = Self.conversation.flatMap(\.bytes)
        var whole = try Self.session()
        let types = try Self.messages(whole.receive(bytes)).map(\.type)
        for size in 1..<bytes.count {
            var session = try Self.session()
            var answers: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                answers += try session.receive(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(try Self.messages(answers).map(\.type) == types)
        }
    }

    @Test func `a refusal ends the session, and so does a length that is absurd`() throws {
        var session = try Self.session()
        #expect(throws: VSCardError.refused(2)) {
            try session.receive(VSCardMessage(.error, reader: Self.reader, [0, 0, 0, 2]).bytes)
        }
        var other = try Self.session()
        #expect(throws: VSCardError.malformed) {
            try other.receive(VSCardMessage(.error, reader: Self.reader, [0, 0]).bytes)
        }
        var third = try Self.session()
        #expect(throws: VSCardError.tooLong(7)) {
            try third.receive([0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 1])
        }
    }

    @Test func `a flush is answered, and what is unknown is passed over`() throws {
        var session = try Self.session()
        let flush = VSCardMessage(.flush, reader: Self.reader)
        #expect(try Self.messages(session.receive(flush.bytes)).map(\.type) == [.flushComplete])
        let unknown = VSCardMessage(VSCardMessageType(rawValue: 99), reader: Self.reader, [1, 2, 3])
        #expect(try session.receive(unknown.bytes).isEmpty)
    }

    @Test func `of a conversation that was cut off, what came whole is answered`() throws {
        let bytes = Self.conversation.flatMap(\.bytes)
        var whole = try Self.session()
        let types = try Self.messages(whole.receive(bytes)).map(\.type)
        for length in bytes.indices {
            var session = try Self.session()
            let answered = try Self.messages(session.receive(Array(bytes.prefix(length)))).map(\.type)
            #expect(answered.count < types.count && types.starts(with: answered))
        }
    }

    @Test func `a conversation that was changed on its way gives answers or an error`() throws {
        var generator = SeededGenerator(seed: 5)
        let bytes = Self.conversation.flatMap(\.bytes)
        var refusals = 0
        let rounds = 2000
        for _ in 0..<rounds {
            var session = try Self.session()
            do throws(VSCardError) {
                _ = try session.receive(mutated(bytes, using: &generator))
            } catch {
                refusals += 1
            }
        }
        #expect(refusals > 0 && refusals < rounds)
    }
}
