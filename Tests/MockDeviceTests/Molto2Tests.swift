import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The Molto2's commands on both sides, and what is its own among the families.
@Suite struct Molto2Tests {
    static let vectors = APDUVector.all(in: "molto2")

    private static func named(_ id: String) throws -> APDUVector { try #require(vectors.first { $0.id == id }) }

    private static func channel(_ card: AnsweringCard) -> Molto2Channel {
        Molto2Channel(APDUChannel(connection: card))
    }

    private static let customerKey = "TOKEN2MOLTO1-KEY"

    // MARK: Host

    /// What the maker's tool sends, byte for byte.
    @Test func theHostSendsWhatTheMakersToolSends() throws {
        let ids = [
            "molto2-info", "molto2-auth", "molto2-seed-p7", "molto2-title-p7", "molto2-sync-p7", "molto2-delete-p7",
        ]
        let steps = try ids.flatMap { try Self.named($0).steps }
        let card = AnsweringCard(answers: steps.map(\.answer))
        let channel = Self.channel(card)
        let info = try channel.readInfo()
        #expect(info.serial == "8659601234567" && info.unixTime == 1_700_000_000)
        try channel.authenticate(customerKey: Secret(Self.customerKey))
        let profile = try channel.readProfile(7, during: .listing)
        #expect(profile == Molto2Profile(parsing: Array(steps[3].answer.dropLast(2))[...]))
        #expect(profile.title == "issuer" && profile.period == 30 && profile.digits == 6 && !profile.hasSeed)
        try channel.runSecure(during: .writing) { command throws(CryptoError) in
            try command.writeSeed(Secret("12345678901234567890"), to: 7)
        }
        try channel.runSecure(during: .writing) { command throws(CryptoError) in
            try command.writeTitle("issuer", to: 7)
        }
        try channel.runSecure(during: .writing) { command throws(CryptoError) in
            try command.setTime(1_700_000_000, of: 7)
        }
        try channel.deleteSeed(of: 7, during: .deleting)
        #expect(card.sent == steps.map(\.command))
    }

    @Test func aWrongCustomerKeyIsAWrongAccessCode() throws {
        let vector = try Self.named("molto2-auth-wrong")
        let card = AnsweringCard(answers: vector.steps.map(\.answer))
        #expect(throws: DeviceError.wrongAccessCode(triesLeft: 9)) {
            try Self.channel(card).authenticate(customerKey: Secret("another"))
        }
        #expect(card.sent[0] == vector.steps[0].command)
    }

    /// Only these two words mean what they mean; any other is no authentication.
    @Test func anUnknownAnswerIsNoAuthentication() throws {
        let challenge = try Self.named("molto2-auth").steps[0].answer
        let card = AnsweringCard(answers: [challenge, [0x91, 0x00]])
        let channel = Self.channel(card)
        #expect(throws: DeviceError.self) { try channel.authenticate(customerKey: Secret(Self.customerKey)) }
        #expect(!channel.isAuthenticated)
        #expect(throws: DeviceError.accessCodeRequired) {
            try channel.runSecure(during: .writing) { command throws(CryptoError) in
                try command.writeTitle("issuer", to: 7)
            }
        }
    }

    @Test func cutAndChangedAnswersAreErrorsOrValues() {
        var generator = SeededGenerator(seed: 14)
        func take(_ bytes: [UInt8]) {
            _ = Molto2Profile(parsing: bytes[...])
            _ = try? Molto2Info(parsing: bytes[...])
        }
        for answer in Self.vectors.flatMap(\.steps).map(\.answer) {
            for end in answer.indices { take(Array(answer[..<end])) }
            for _ in 0..<300 { take(mutated(answer, using: &generator)) }
        }
    }

    // MARK: Device

    /// The challenge that was recorded.
    private struct RecordedChallenge: RandomNumberGenerator {
        mutating func next() -> UInt64 { 0x1122_3344_5566_7788 }
    }

    private func chip() -> Molto2Chip {
        Molto2Chip(serial: 99_000_001, memory: Molto2Memory(), random: RecordedChallenge())
    }

    private func answer(_ chip: inout Molto2Chip, _ command: [UInt8]) -> [UInt8] {
        guard case .bytes(let answer) = chip.transmit(command) else { return [] }
        return answer
    }

    private func authenticated() throws -> Molto2Chip {
        var chip = chip()
        for step in try Self.named("molto2-auth").steps { #expect(answer(&chip, step.command) == step.answer) }
        return chip
    }

    @Test func theVirtualKeyTakesWhatTheMakersToolSends() throws {
        var chip = try authenticated()
        for id in ["molto2-seed-p7", "molto2-title-p7", "molto2-sync-p7"] {
            let step = try #require(try Self.named(id).steps.last)
            #expect(answer(&chip, step.command) == step.answer, "\(id)")
        }
        #expect(chip.memory.profiles[7]?.seed == Array("12345678901234567890".utf8))
        #expect(chip.memory.profiles[7]?.title == Array("issuer".utf8))
        #expect(chip.code(slot: 7, at: 59) == "287082")
        let deletion = try Self.named("molto2-delete-p7").steps[0]
        #expect(answer(&chip, deletion.command) == deletion.answer)
        #expect(chip.memory.profiles[7]?.seed.isEmpty == true && chip.memory.profiles[7]?.title.isEmpty == false)
    }

    @Test func aWrongAnswerCostsAnAttempt() throws {
        var chip = chip()
        for step in try Self.named("molto2-auth-wrong").steps { #expect(answer(&chip, step.command) == step.answer) }
        #expect(chip.memory.attempts == 9)
        for step in try Self.named("molto2-auth").steps { #expect(answer(&chip, step.command) == step.answer) }
        #expect(chip.memory.attempts == 10)
    }

    @Test func nothingIsWrittenWithoutTheKeyOrWithAWrongMAC() throws {
        let seed = try #require(try Self.named("molto2-seed-p7").steps.last).command
        var locked = chip()
        #expect(answer(&locked, seed) == [0x69, 0x82])
        var open = try authenticated()
        for index in seed.indices.dropFirst(5) {
            var changed = seed
            changed[index] ^= 1
            #expect(answer(&open, changed) != [0x90, 0x00])
        }
        #expect(open.memory.profiles.isEmpty)
    }

    @Test func cutAndChangedCommandsHarmNothing() throws {
        var generator = SeededGenerator(seed: 41)
        var chip = try authenticated()
        for command in Self.vectors.flatMap(\.steps).map(\.command) {
            for end in command.indices { _ = answer(&chip, Array(command[..<end])) }
            for _ in 0..<300 { _ = answer(&chip, mutated(command, using: &generator)) }
        }
        #expect(chip.memory.profiles.keys.allSatisfy { 0..<100 ~= $0 })
    }

    // MARK: Both

    private func bench() throws -> Bench {
        try Bench(try #require(Bench.Subject.all.first { $0.model.name == "molto2" }))
    }

    @Test func aChangedCustomerKeyIsAskedForAndOpens() throws {
        let bench = try bench()
        let key = "correct horse"
        var memory = Molto2Memory()
        memory.key = Array(try HashAlgorithm.sha1.digest(of: Array(key.utf8)).prefix(16))
        _ = bench.key.withChip(Molto2Chip.self) { [memory] chip in
            chip = Molto2Chip(serial: 99_000_001, memory: memory, random: SystemRandomNumberGenerator())
        }
        let credential = try Samples.totp("alice")
        try bench.with { session in
            // The key of a new device is a try, before anything is written.
            var closed = Enrollment(credential, options: WriteOptions(slot: 42))
            #expect(throws: DeviceError.accessCodeChanged(triesLeft: 9)) { try closed.run(on: session) }
            #expect(!closed.mayHaveWritten(despite: .accessCodeChanged(triesLeft: 9)))
            #expect(throws: DeviceError.wrongAccessCode(triesLeft: 8)) {
                try session.unlock(accessCode: Secret("wrong"))
            }
            try session.unlock(accessCode: Secret(key))
            var enrollment = Enrollment(credential, options: WriteOptions(slot: 42))
            #expect(try enrollment.run(on: session) == .labelOnly)
        }
        #expect(
            bench.key.code(slot: 42, at: 59) == (try OneTimePassword.code(for: credential, at: 59)))
    }

    @Test func aKeyWithoutTriesIsBlockedAndHoldsNothingNew() throws {
        let bench = try bench()
        for left in (0..<10).reversed() {
            try bench.with { session in
                _ = #expect(throws: DeviceError.wrongAccessCode(triesLeft: left)) {
                    try session.unlock(accessCode: Secret("wrong"))
                }
            }
        }
        let before = bench.key.snapshot
        try bench.with { session in
            #expect(throws: DeviceError.accessCodeBlocked) {
                try session.unlock(accessCode: Secret(Self.customerKey))
            }
            var enrollment = Enrollment(try Samples.totp("alice"), options: WriteOptions(slot: 42))
            #expect(throws: DeviceError.accessCodeBlocked) { try enrollment.run(on: session) }
            #expect(!enrollment.mayHaveWritten(despite: .accessCodeBlocked))
        }
        #expect(bench.key.snapshot == before)
    }

    /// ISO 7816-4 counts by one digit, the maker's description by the byte.
    @Test(arguments: [(0x63C9, 9), (0x6309, 9), (0x6300, 0), (0x63FF, nil)] as [(UInt16, Int?)])
    func theTriesLeftAreReadInBothForms(_ word: UInt16, _ left: Int?) throws {
        let challenge = try Self.named("molto2-auth").steps[0].answer
        let card = AnsweringCard(answers: [challenge, [UInt8(word >> 8), UInt8(word & 0xFF)]])
        #expect(throws: DeviceError.wrongAccessCode(triesLeft: left)) {
            try Self.channel(card).authenticate(customerKey: Secret("another"))
        }
    }

    @Test func aStateFileMakesTheSameKeyOrNone() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice", .sha256, digits: 8), WriteOptions(slot: 99))
        let snapshot = bench.key.snapshot
        let restored = try VirtualKey(restoring: snapshot)
        #expect(restored.snapshot == snapshot && restored.code(slot: 99, at: 59) == bench.key.code(slot: 99, at: 59))
        let text = String(decoding: snapshot, as: UTF8.self)
        for (member, wrong) in [("\"number\" : 99", "\"number\" : 100"), ("\"digits\" : 8", "\"digits\" : 7")] {
            let changed = text.replacing(member, with: wrong)
            #expect(changed != text)
            #expect(throws: VirtualKeyError.self) { try VirtualKey(restoring: Array(changed.utf8)) }
        }
    }

    @Test func aCustomerKeyInHexadecimalIsItsBytes() throws {
        let text = "544F4B454E324D4F4C544F312D4B4559"
        try bench().with { session in try session.unlock(accessCode: Secret(text)) }
    }

    /// Whether whole blocks are padded, descriptions disagree: none is sent. The codes are those of oathtool.
    @Test(
        arguments: [
            (16, .sha1, "789480"), (32, .sha1, "293869"), (48, .sha1, "304396"),
            (16, .sha256, "863329"), (32, .sha256, "003852"), (48, .sha256, "071319"),
        ] as [(Int, HashAlgorithm, String)])
    func aSecretOfWholeBlocksComputesTheSameBehindAZero(
        _ count: Int, _ algorithm: HashAlgorithm, _ code: String
    ) throws {
        let bench = try bench()
        let secret = Secret(String(repeating: "a", count: count))
        try bench.enroll(try Samples.totp("alice", algorithm, secret: secret), WriteOptions(slot: 5))
        #expect(bench.key.code(slot: 5, at: 59) == code)
        #expect(bench.key.withChip(Molto2Chip.self) { $0.memory.profiles[5]?.seed.count } == count + 1)
    }

    /// A secret that is longer than a block becomes a hash of whole blocks.
    @Test func aHashedSecretComputesTheSameToo() throws {
        let bench = try bench()
        let credential = try Samples.totp("alice", .sha256, secret: Samples.secret(count: 100))
        try bench.enroll(credential, WriteOptions(slot: 5))
        #expect(bench.key.code(slot: 5, at: 59) == (try OneTimePassword.code(for: credential, at: 59)))
    }

    @Test func theClockIsSetWithTheProfile() throws {
        let bench = try bench()
        let description = try #require(try bench.host.devices().first)
        let session = try Molto2().openSession(
            on: try bench.host.open(description), description, options: SessionOptions(unixTime: 1_700_000_000))
        defer { session.close() }
        _ = try session.write(try Samples.totp("alice"), WriteOptions(slot: 3)) { _ in }
        #expect(bench.key.withChip(Molto2Chip.self) { $0.clock } == [0x65, 0x53, 0xF1, 0x00])
    }

    /// Power on and off, serial, the profile before, and again before it is written, challenge and answer, seed, title,
    /// configuration, the profile after: each one transfer out and one in.
    @Test func anEnrollmentTakesTheMinimum() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"))
        #expect(bench.key.transferCount == 2 * 11)
    }
}
