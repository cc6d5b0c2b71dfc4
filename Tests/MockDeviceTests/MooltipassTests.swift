import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The messages of the Mooltipass BLE on both sides.
@Suite struct MooltipassTests {
    static let vectors = PacketVector.all(in: "mooltipass")
    private static let name = MooltipassName(service: Array("issuer".utf16), login: Array("account".utf16))

    private static let ping = MooltipassWire.Command(rawValue: 1)

    static func bytes(_ packets: [WipedBuffer]) -> [[UInt8]] { packets.map { $0.withBytes { [UInt8](copying: $0) } } }

    /// One packet with a short message from the key.
    static func packet(_ command: UInt16, _ payload: [UInt8] = []) -> [UInt8] {
        let head = [UInt8(payload.count + 4), 0, UInt8(command & 0xFF), UInt8(command >> 8), UInt8(payload.count), 0]
        return head + payload + [UInt8](repeating: 0, count: 64 - head.count - payload.count)
    }

    // MARK: Host

    @Test func theHostSendsWhatTheVectorsSay() throws {
        func sent(_ id: String) throws -> [[UInt8]] { try PacketVector.named(id, in: Self.vectors).sent }
        let date = try #require(MooltipassDate(unixTime: 1_234_567_890))
        let ping = MooltipassMessage(Self.ping, WipedBuffer([1, 2, 3, 4]))
        let store = MooltipassMessage.storeTOTP(Self.name, secret: Secret("12345678901234567890"), digits: 6)
        #expect(try Self.bytes([MooltipassMessage.reset]) == sent("mooltipass-reset"))
        #expect(try Self.bytes(ping.packets(flipBit: false)) == sent("mooltipass-ping"))
        #expect(try Self.bytes(MooltipassMessage.setDate(date).packets(flipBit: true)) == sent("mooltipass-setdate"))
        #expect(try Self.bytes(store.packets(flipBit: false)) == sent("mooltipass-store-totp"))
        #expect(
            try Self.bytes(MooltipassMessage.getTOTPCode(Self.name).packets(flipBit: true))
                == sent("mooltipass-get-totp"))
        #expect(
            try Self.bytes(MooltipassMessage.platformInfo.packets(flipBit: false))
                == sent("mooltipass-recorded-platform"))
        #expect(
            try Self.bytes(MooltipassMessage.endManagement.packets(flipBit: true)) == sent("mooltipass-recorded-end"))
    }

    @Test func theHostReadsWhatARealKeySaid() throws {
        let platform = try PacketVector.named("mooltipass-recorded-platform", in: Self.vectors).received
        let end = try PacketVector.named("mooltipass-recorded-end", in: Self.vectors).received
        let channel = try MooltipassChannel(ScriptedPackets(answers: platform + end, after: 2))
        let read = try MooltipassPlatform(channel.answer(to: .platformInfo, during: .identifying))
        #expect(read.serial == 12_345_678 && read.bundle == 0)
        #expect(try channel.isDone(.endManagement, during: .listing) == false)
    }

    /// Against the calendar of Foundation, at random moments and at both ends of what the clock can show.
    @Test func datesAreThoseOfTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var generator = SeededGenerator(seed: 16)
        let (first, last) = (946_684_800 as UInt64, 2_966_371_199 as UInt64)
        let ends = [first, last, 951_782_400, 951_868_800, 1_709_164_800, 1_709_251_199]
        for time in ends + (0..<2000).map({ _ in UInt64.random(in: first...last, using: &generator) }) {
            let date = try #require(MooltipassDate(unixTime: time))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(time)))
            #expect(
                [date.year, date.month, date.day, date.hour, date.minute, date.second].map(Int.init)
                    == [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second], "\(time)")
        }
        for time in [0, first - 1, last + 1, UInt64.max] { #expect(MooltipassDate(unixTime: time) == nil, "\(time)") }
    }

    @Test func namesComeBackFromTheirBytes() throws {
        #expect(MooltipassName(id: Self.name.bytes) == Self.name)
        for end in Self.name.bytes.indices { #expect(MooltipassName(id: Array(Self.name.bytes[..<end])) == nil) }
        #expect(MooltipassName(id: Self.name.bytes + [1, 0]) == nil)
    }

    @Test(arguments: [
        ("287082", "287082"), ("28708212", "28708212"), ("28708", nil), ("287082123", nil), ("28708a", nil),
        ("٢٨٧٠٨٢", nil),
    ])
    func aCodeIsSixToEightDigits(_ text: String, _ code: String?) {
        let payload = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(MooltipassCode(payload)?.digits == code)
        #expect(MooltipassCode(payload + [0, 0])?.digits == code)
        #expect(MooltipassCode(payload + [0]) == nil && MooltipassCode([0, 0] + payload) == nil)
    }

    @Test func aRefusedFlipBitIsSetBackAndTheMessageSentOnceMore() throws {
        let refusal = [UInt8](repeating: 0xFF, count: 64)
        let connection = ScriptedPackets(answers: [refusal, Self.packet(1, [7])], after: 2)
        let ping = MooltipassMessage(Self.ping, WipedBuffer([7]))
        #expect(try MooltipassChannel(connection).answer(to: ping, during: .connecting) == [7])
        let reset = Self.bytes([MooltipassMessage.reset])
        #expect(
            connection.sent == reset + Self.bytes(ping.packets(flipBit: false)) + reset
                + Self.bytes(ping.packets(flipBit: false)))

        let endless = try MooltipassChannel(
            ScriptedPackets(answers: Array(repeating: refusal, count: 9), after: 2))
        #expect(throws: DeviceError.malformedResponse(during: .connecting)) {
            try endless.answer(to: ping, during: .connecting)
        }
    }

    @Test func aBusyKeyIsAskedAgainAndNotForEver() throws {
        let retry = Self.packet(2, [1, 2, 3, 4])
        let connection = ScriptedPackets(answers: [retry, retry, retry, Self.packet(3, [9])], after: 2)
        let channel = try MooltipassChannel(connection)
        #expect(try channel.answer(to: .platformInfo, during: .identifying) == [9])
        #expect(connection.sent.count == 1 + 4)
        #expect(connection.sent.dropFirst().map { $0[0] & 0x80 } == [0, 0x80, 0, 0x80])

        let busy = try MooltipassChannel(ScriptedPackets(answers: Array(repeating: retry, count: 1000), after: 2))
        #expect(throws: DeviceError.occupied(during: .identifying)) {
            try busy.answer(to: .platformInfo, during: .identifying)
        }
    }

    @Test func whatTheKeySaysByItselfIsPassedOver() throws {
        let (status, late) = (Self.packet(0x11, [5, 0, 0, 0]), Self.packet(0x27, [1]))
        let channel = try MooltipassChannel(
            ScriptedPackets(answers: [status, late, status, Self.packet(3, [9])], after: 2))
        #expect(try channel.answer(to: .platformInfo, during: .identifying) == [9])
        let endless = try MooltipassChannel(ScriptedPackets(answers: Array(repeating: status, count: 100), after: 2))
        #expect(throws: DeviceError.malformedResponse(during: .identifying)) {
            try endless.answer(to: .platformInfo, during: .identifying)
        }
    }

    /// A question that nobody answers is taken off the display; an answer that was on its way counts.
    @Test func aQuestionThatNobodyAnswersIsWithdrawn() throws {
        let connection = ScriptedPackets(answers: [Self.packet(9, [1])], after: 3)
        let channel = try MooltipassChannel(connection)
        #expect(try channel.isDone(.startManagement, within: .approved, during: .listing))
        #expect(connection.sent.map { $0[2] } == [0, 9, 5])
        let silent = try MooltipassChannel(ScriptedPackets(answers: []))
        #expect {
            try silent.isDone(.startManagement, within: .approved, during: .listing)
        } throws: { ($0 as? DeviceError)?.usbError?.code == .timeout }
    }

    @Test(arguments: [[], [2], [1, 0], [0, 0, 0]] as [[UInt8]])
    func yesAndNoAreOneByte(_ payload: [UInt8]) throws {
        let channel = try MooltipassChannel(ScriptedPackets(answers: [Self.packet(4, payload)], after: 2))
        let date = try #require(MooltipassDate(unixTime: 1_234_567_890))
        #expect(throws: DeviceError.malformedResponse(during: .connecting)) {
            try channel.isDone(.setDate(date), during: .connecting)
        }
    }

    @Test func nodesThatPointInACircleAreNoList() throws {
        var service = [UInt8](repeating: 0, count: 264)
        (service[4], service[8]) = (5, 0x61)
        // Each answer to READ NODE is the same service, which points to itself.
        let start = Self.packet(0x100, [5, 0] + [UInt8](repeating: 0, count: 32))
        let node = MooltipassMessage(.readNode, WipedBuffer(service)).packets(flipBit: false)
        let channel = try MooltipassChannel(
            ScriptedPackets(
                answers: [Self.packet(9, [1]), start] + Self.bytes(node) + Self.bytes(node), after: 2))
        let management = MooltipassManagement(channel)
        #expect(throws: DeviceError.malformedResponse(during: .listing)) {
            try management.run(during: .listing) { () throws(DeviceError) in
                try management.readAll(during: .listing)
            }
        }
    }

    @Test func cutAndChangedAnswersAreErrorsOrValues() throws {
        var generator = SeededGenerator(seed: 1209)
        var flash = MooltipassFlash(cardKey: [UInt8](repeating: 7, count: 32))
        let totp = MooltipassFlash.TOTP(secret: Array("12345678901234567890".utf8), digits: 6, period: 30, hash: 0)
        let hasRoom = flash.store(totp, service: Self.name.service, login: Self.name.login)
        #expect(hasRoom)
        func take(_ bytes: [UInt8]) {
            var assembly = MooltipassAssembly()
            _ = try? assembly.take(bytes)
            _ = try? MooltipassPlatform(bytes)
            _ = try? MooltipassStatus(bytes).requireReady()
            _ = MooltipassCode(bytes)
            _ = MooltipassName(id: bytes)
            _ = try? MooltipassService(bytes)
            _ = try? MooltipassLogin(bytes)
            _ = MooltipassLogin.withoutTOTP(bytes)
        }
        for answer in Self.vectors.flatMap(\.received) + flash.nodes.values {
            for end in answer.indices { take(Array(answer[..<end])) }
            for _ in 0..<200 { take(mutated(answer, using: &generator)) }
        }
        for node in flash.nodes.values where node.count == MooltipassLogin.length {
            let login = try MooltipassLogin(node)
            #expect(login.name == Self.name.login && login.totp?.digits == 6 && login.totp?.period == 30)
            // What is behind the hash, the digits and the rest of the node is not read.
            for end in 0..<469 {
                #expect(throws: ByteReader.EndOfBytes.self) { try MooltipassLogin(Array(node[..<end])) }
            }
        }
    }

    // MARK: Device

    private func chip() -> MooltipassChip {
        MooltipassChip(
            profile: MooltipassProfile.all[0], serial: 99_000_001,
            flash: MooltipassFlash(cardKey: [UInt8](repeating: 7, count: 32)))
    }

    private func exchange(_ chip: inout MooltipassChip, _ reports: [[UInt8]], at time: Duration = .zero) -> [[UInt8]] {
        for report in reports { _ = chip.take(report: report, from: 0x02, at: time) }
        var answers: [[UInt8]] = []
        // As long as a person takes.
        while let answer = chip.nextReport(for: 0x81, at: time + .seconds(1)) { answers.append(answer) }
        return answers
    }

    /// In the order in which their flip bits fit.
    @Test func theVirtualKeyTakesWhatTheVectorsSay() throws {
        func sent(_ id: String) throws -> [[UInt8]] { try PacketVector.named(id, in: Self.vectors).sent }
        var chip = chip()
        #expect(try exchange(&chip, sent("mooltipass-reset")).isEmpty)
        #expect(try exchange(&chip, sent("mooltipass-ping")) == sent("mooltipass-ping"))
        #expect(try exchange(&chip, sent("mooltipass-setdate")) == [Self.packet(4, [1])])
        #expect(chip.clock?.set == 1_234_567_890)
        #expect(try exchange(&chip, sent("mooltipass-store-totp")) == [Self.packet(0x27, [1])])
        // The code of 2009-02-13 23:31:31, a second after the question: RFC 6238 has 1234567890 in the same step.
        let code: [UInt8] = "005924".utf8.flatMap { [$0, 0] } + [0, 0]
        #expect(try exchange(&chip, sent("mooltipass-get-totp")) == [Self.packet(0x41, code)])
        #expect(chip.touchCount == 2)
    }

    @Test func theVirtualKeyAnswersAsTheRecordedOneDid() throws {
        let profile = MooltipassProfile(name: "recorded", bundle: 0, main: (0, 19), second: (0, 13))
        var chip = MooltipassChip(
            profile: profile, serial: 12_345_678, flash: MooltipassFlash(cardKey: [UInt8](repeating: 7, count: 32)))
        for id in ["mooltipass-recorded-platform", "mooltipass-recorded-end"] {
            let vector = try PacketVector.named(id, in: Self.vectors)
            #expect(exchange(&chip, vector.sent) == vector.received, "\(id)")
        }
    }

    @Test func aMessageWithTheOtherFlipBitIsThrownAway() throws {
        var chip = chip()
        let date = try PacketVector.named("mooltipass-setdate", in: Self.vectors).sent
        #expect(exchange(&chip, date) == [[UInt8](repeating: 0xFF, count: 64)])
        #expect(chip.clock == nil)
    }

    @Test func anAcknowledgmentIsTheLastPacketAsItCame() throws {
        var chip = chip()
        var ping = try #require(try PacketVector.named("mooltipass-ping", in: Self.vectors).sent.first)
        ping[0] |= 0x40
        #expect(exchange(&chip, [ping]) == [ping, Self.packet(1, [1, 2, 3, 4])])
    }

    @Test func cutAndChangedMessagesHarmNothing() {
        var generator = SeededGenerator(seed: 4321)
        var chip = chip()
        var time = Duration.zero
        for message in Self.vectors.flatMap(\.sent) {
            let cut = message.indices.map { Array(message[..<$0]) }
            for report in cut + (0..<300).map({ _ in mutated(message, using: &generator) }) {
                time += .seconds(20)
                _ = exchange(&chip, [report], at: time)
            }
        }
        #expect(chip.flash.nodes.values.allSatisfy { [264, 528].contains($0.count) })
    }
}
