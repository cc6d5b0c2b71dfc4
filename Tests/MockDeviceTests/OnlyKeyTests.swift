import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The OnlyKey's messages on both sides, and what is its own among the families.
@Suite struct OnlyKeyTests {
    static let vectors = PacketVector.all(in: "onlykey")
    private static let unlocked = text("UNLOCKEDv3.0.4-prodc")

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes + [UInt8](repeating: 0, count: 64 - bytes.count)
    }

    private static func bytes(_ packet: WipedBuffer) -> [UInt8] { packet.withBytes { [UInt8](copying: $0) } }

    // MARK: Host

    @Test func theHostSendsWhatTheMakersClientSends() throws {
        func sent(_ id: String) throws -> [[UInt8]] { try PacketVector.named(id, in: Self.vectors).sent }
        let secret = Secret("12345678901234567890")
        #expect(try [Self.bytes(OnlyKeyMessage.setTime(1_234_567_890))] == sent("onlykey-settime"))
        #expect(try [Self.bytes(OnlyKeyMessage.getLabels())] == sent("onlykey-getlabels"))
        #expect(try [Self.bytes(OnlyKeyMessage.setLabel(slot: 1, "issuer"))] == sent("onlykey-set-label"))
        #expect(try [Self.bytes(OnlyKeyMessage.setTOTPKey(slot: 1, secret))] == sent("onlykey-set-totp-key"))
        #expect(try [Self.bytes(OnlyKeyMessage.wipe(slot: 7))] == sent("onlykey-wipe-slot"))
    }

    @Test func theHostReadsWhatTheFirmwareSays() throws {
        let labels = try PacketVector.named("onlykey-getlabels", in: Self.vectors).received
        let channel = try OnlyKeyChannel(ScriptedPackets(answers: [Self.unlocked] + labels), unixTime: 59)
        #expect(channel.state == OnlyKeyState(OnlyKeyText(Self.unlocked)))
        #expect(channel.state.firmware == Version(3, 0, 4))
        let read = try channel.labels(count: 12, during: .listing)
        #expect(read.map(\.slot) == Array(1...12))
        #expect(read.map(\.text) == ["issuer"] + [String](repeating: "", count: 11))

        let locked = try PacketVector.named("onlykey-settime-locked", in: Self.vectors).received
        #expect(throws: DeviceError.lockedOnKey) { try OnlyKeyChannel(ScriptedPackets(answers: locked), unixTime: 59) }
        #expect(throws: DeviceError.notSetUp) {
            try OnlyKeyChannel(ScriptedPackets(answers: [Self.text("UNINITIALIZED")]), unixTime: 59)
        }
    }

    @Test(arguments: [
        ("Error device locked", DeviceError.lockedOnKey), ("Error OnlyKey must be initialized first", .notSetUp),
        ("Error not in config mode", .refusedByKey(during: .writing)), ("", .malformedResponse(during: .writing)),
        ("Successfull", .malformedResponse(during: .writing)),
    ])
    func anErrorInWordsIsAnError(_ answer: String, _ error: DeviceError) throws {
        let channel = try OnlyKeyChannel(ScriptedPackets(answers: [Self.unlocked, Self.text(answer)]), unixTime: 59)
        #expect(throws: error) {
            try channel.run(OnlyKeyMessage.setTOTPKey(slot: 1, Samples.secret()), during: .writing)
        }
    }

    @Test(arguments: [
        ("UNLOCKEDv3.0.4-prodc", Version?(Version(3, 0, 4)), false), ("UNLOCKEDv3.0.4-prodp", Version(3, 0, 4), true),
        ("UNLOCKEDv2.1.2-prodn", Version(2, 1, 2), true), ("UNLOCKED", nil, false), ("UNLOCKEDv3.0", nil, false),
        ("UNLOCKEDv3.0.400-prodo", nil, false), ("UNLOCKEDv3..4", nil, false),
    ])
    func theStateTellsFirmwareAndHardware(_ text: String, _ firmware: Version?, _ isDuo: Bool) {
        let state = OnlyKeyState(OnlyKeyText(Array(text.utf8)))
        #expect(state.firmware == firmware && state.isDuo == isDuo)
    }

    /// Where the firmware would store less than it was sent and call it a success.
    @Test func aSecretThatTheKeyWouldCutIsRefused() throws {
        let bad = try PacketVector.named("onlykey-set-totp-key-bad", in: Self.vectors).sent[0]
        #expect(!OnlyKeyMessage.isCarried(Secret(WipedBuffer(bad[7..<27]))))
        #expect(OnlyKeyMessage.isCarried(Secret(WipedBuffer([1, 0, 0, 0, 1, 0, 0, 0]))))
        #expect(!OnlyKeyMessage.isCarried(Secret(WipedBuffer([0, 0, 0]))))
        #expect(!OnlyKeyMessage.isCarried(Secret(WipedBuffer([0, 0, 0, 0, 1]))))
        #expect(
            OnlyKeyMessage.isCarried(Samples.secret(count: 57)) && !OnlyKeyMessage.isCarried(Samples.secret(count: 58)))
    }

    @Test func cutAndChangedAnswersAreErrorsOrValues() {
        var generator = SeededGenerator(seed: 13)
        let answers = Self.vectors.flatMap(\.received) + [Self.unlocked]
        func take(_ report: [UInt8]) {
            _ = OnlyKeyLabel(report)
            _ = OnlyKeyState(OnlyKeyText(report))
            _ = try? OnlyKeyText(report).requireSuccess(during: .writing)
        }
        for answer in answers {
            for end in answer.indices { take(Array(answer[..<end])) }
            for _ in 0..<200 { take(mutated(answer, using: &generator)) }
        }
    }

    // MARK: Device

    private func chip(_ access: OnlyKeyChip.Access = .unlocked) -> OnlyKeyChip {
        var chip = OnlyKeyChip(profile: OnlyKeyProfile.all[0], slots: [:])
        chip.access = access
        return chip
    }

    private func exchange(_ chip: inout OnlyKeyChip, _ reports: [[UInt8]]) -> [[UInt8]] {
        for report in reports { _ = chip.take(report: report, from: 0x06, at: .zero) }
        var answers: [[UInt8]] = []
        while let answer = chip.nextReport(for: 0x85, at: .zero) { answers.append(answer) }
        return answers
    }

    @Test(arguments: vectors.filter { !$0.received.isEmpty })
    func theVirtualKeyAnswersAsTheFirmwareDoes(_ vector: PacketVector) throws {
        var chip = chip(vector.id.hasSuffix("-locked") ? .locked : .unlocked)
        if vector.id == "onlykey-getlabels" {
            _ = exchange(&chip, try PacketVector.named("onlykey-set-label", in: Self.vectors).sent)
        }
        #expect(exchange(&chip, vector.sent) == vector.received)
        if vector.id == "onlykey-set-totp-key-bad" { #expect(chip.slots[1]?.totpKey == [1, 2, 3, 4]) }
        if vector.id == "onlykey-set-totp-key" { #expect(chip.code(slot: 1, at: 59) == "287082") }
    }

    @Test func cutAndChangedMessagesHarmNothing() {
        var generator = SeededGenerator(seed: 31)
        var chip = chip()
        for message in Self.vectors.flatMap(\.sent) {
            for end in message.indices { _ = exchange(&chip, [Array(message[..<end])]) }
            for _ in 0..<200 { _ = exchange(&chip, [mutated(message, using: &generator)]) }
        }
        #expect(chip.slots.keys.allSatisfy { 1...12 ~= $0 })
    }

    @Test func theFirstTimeSinceThePowerCameCounts() {
        var chip = chip(.configuring)
        _ = exchange(&chip, [Self.bytes(OnlyKeyMessage.setTime(30))])
        #expect(chip.clock == nil, "a key that is being configured keeps its clock")
        chip.access = .unlocked
        _ = exchange(&chip, [Self.bytes(OnlyKeyMessage.setTime(59)), Self.bytes(OnlyKeyMessage.setTime(90))])
        #expect(chip.clock == 59)
        chip.losePower()
        #expect(chip.clock == nil)
    }

    // MARK: Both

    private func bench(_ model: String = "onlykey") throws -> Bench {
        try Bench(try #require(Bench.Subject.all.first { $0.model.name == model }))
    }

    @Test func aKeyThatIsNotUnlockedSaysWhyAndFreesItsInterface() throws {
        for (access, error) in [(OnlyKeyChip.Access.locked, DeviceError.lockedOnKey), (.uninitialized, .notSetUp)] {
            let bench = try bench()
            _ = bench.key.withChip(OnlyKeyChip.self) { $0.access = access }
            #expect(throws: error) { try bench.open() }
            #expect(bench.key.kernelDriverAttached(2))
        }
    }

    @Test func aReplacedKeyLeavesWhatElseIsInTheSlot() throws {
        let bench = try bench()
        let password = [0xFF, 0xFF, 0xFF, 0xFF, 0xE6, 0x01, 0x05] + Array("hunter2".utf8)
        _ = bench.key.withChip(OnlyKeyChip.self) { chip in
            self.exchange(&chip, [password + [UInt8](repeating: 0, count: 64 - password.count)])
        }
        let credential = try Samples.totp("alice")
        #expect(try bench.enroll(credential) == .labelOnly)
        #expect(bench.key.withChip(OnlyKeyChip.self) { $0.slots[1]?.password } == Array("hunter2".utf8))
        #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
    }

    @Test func theClockIsSetWithTheSession() throws {
        let bench = try bench()
        let description = try #require(try bench.host.devices().first)
        let session = try OnlyKey().openSession(
            on: try bench.host.open(description), description, options: SessionOptions(unixTime: 1_234_567_890))
        session.close()
        #expect(bench.key.withChip(OnlyKeyChip.self) { $0.clock } == 1_234_567_890)
    }

    @Test func aStateFileMakesTheSameKeyOrNone() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"), WriteOptions(slot: 12))
        let snapshot = bench.key.snapshot
        let restored = try VirtualKey(restoring: snapshot)
        #expect(restored.snapshot == snapshot && restored.code(slot: 12, at: 59) == bench.key.code(slot: 12, at: 59))
        let text = String(decoding: snapshot, as: UTF8.self)
        let thirteen = text.replacing("\"slot\" : 12", with: "\"slot\" : 13")
        #expect(thirteen != text)
        #expect(throws: VirtualKeyError.invalid(.slot(13))) { try VirtualKey(restoring: Array(thirteen.utf8)) }
    }

    @Test func theDuoHasTwiceTheSlots() throws {
        let credential = try Samples.totp("alice")
        #expect(throws: DeviceError.notSupported(.slotMissing(1...12))) {
            try bench().enroll(credential, WriteOptions(slot: 13))
        }
        let duo = try bench("onlykeyduo")
        try duo.enroll(credential, WriteOptions(slot: 24))
        #expect(try duo.with { try $0.list().map(\.name) } == ["slot 24: Example:alice"])
    }

    @Test func aSecretWithZerosIsRefusedBeforeAnyTransfer() throws {
        let bench = try bench()
        let secret = Secret(WipedBuffer([1, 2, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))
        try bench.with { session in
            let transfers = bench.key.transferCount
            let credential = try Samples.totp("alice", secret: secret)
            #expect(throws: DeviceError.self) { try session.check(credential, WriteOptions(slot: 1)) }
            #expect(bench.key.transferCount == transfers)
        }
    }

    /// The transfers of an enrollment: report descriptors up to the right interface and what waits there, then for each
    /// message one out and one in, and one in for each label.
    @Test func anEnrollmentTakesTheMinimum() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"))
        let messages = 2 + 13 + 2 + 2 + 13
        #expect(bench.key.transferCount == 2 + 1 + messages)
    }
}
