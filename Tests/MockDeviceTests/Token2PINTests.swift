import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The PIN of a Token2 PIN+, and everything that goes under its keys.
@Suite struct Token2PINTests {
    private static let pin = "246813"

    private func card(triesLeft: UInt8 = 100) throws -> Token2Card {
        Token2Card(try Token2Chip(entries: [Token2StoredEntry("old")], pin: Self.pin, triesLeft: triesLeft))
    }

    @Test func withoutItNothingIsToldOrTaken() throws {
        let card = try card()
        let session = try card.session()
        #expect(session.pins(for: .list) == [.required(.user)] && session.pins(for: .rename).isEmpty)
        #expect(try session.triesLeft(of: .user) == 100)
        let before = card.chip.memory
        #expect(throws: DeviceError.pinRequired(.user)) { try session.list() }
        #expect(throws: DeviceError.pinRequired(.user)) { try session.codes(at: 59) }
        #expect(throws: DeviceError.pinRequired(.user)) {
            try session.write(try Samples.totp("new"), WriteOptions()) { _ in }
        }
        let stored = StoredCredential(
            id: Token2Name(try Label(issuer: "Example", account: "old")).bytes, issuer: "Example", account: "old",
            kind: .hotp, algorithm: nil)
        #expect(throws: DeviceError.pinRequired(.user)) { try session.code(for: stored, at: 59) }
        #expect(throws: DeviceError.pinRequired(.user)) { try session.delete(stored) }
        #expect(card.chip.memory == before)
    }

    @Test func withItEveryJobIsDone() throws {
        let card = try card()
        let session = try card.session()
        try session.use(Secret(Self.pin), as: .user)
        let (timed, counted) = (try Samples.totp("timed"), try Samples.hotp("counted", counter: 0))
        for credential in [timed, counted] {
            var enrollment = Enrollment(credential)
            #expect(try enrollment.run(on: session) == .codes)
        }
        let codes = try session.codes(at: 59)
        #expect(codes.map(\.credential.account) == ["old", "timed", "counted"])
        #expect(
            codes.map(\.value) == [.code("287082"), .code(try OneTimePassword.code(for: timed, at: 59)), .stepsCounter])
        let next = try session.code(for: codes[2].credential, at: 59).value
        #expect(next == .code(try OneTimePassword.code(for: counted, counter: 0)))
        try session.delete(codes[1].credential)
        #expect(try session.list().map(\.account) == ["old", "counted"])
    }

    /// Names and codes are what the PIN is for.
    @Test func noNameOrCodeGoesInClear() throws {
        let card = try card()
        let session = try card.session()
        try session.use(Secret(Self.pin), as: .user)
        var enrollment = Enrollment(try Samples.totp("a name to look for"))
        _ = try enrollment.run(on: session)
        for answer in card.answers { #expect(!answer.contains(Array("Example".utf8)), "\(answer.count) bytes") }
        // Asked for by name, a name goes out in clear: the protocol has no other question.
        let writes = card.sent.filter { $0.starts(with: [0x80, 0xC5, 0x05, 0x02]) }
        #expect(writes.count == 1 && writes.allSatisfy { !$0.contains(Array("Example".utf8)) })
        #expect(!card.sent.contains { $0.contains(Array(Self.pin.utf8)) })
        // The application gives no point away then.
        #expect(!card.sent.contains { $0.starts(with: [0x80, 0xC5, 0x01]) })
    }

    @Test func aWrongOneCostsATryAndIsForgotten() throws {
        let card = try card()
        let session = try card.session()
        #expect(throws: DeviceError.wrongPIN(.user, triesLeft: 99)) { try session.use(Secret("000000"), as: .user) }
        #expect(try session.triesLeft(of: .user) == 99)
        #expect(throws: DeviceError.pinRequired(.user)) { try session.list() }
        #expect(card.chip.memory.pin?.triesLeft == 99)
        try session.use(Secret(Self.pin), as: .user)
        #expect(card.chip.memory.pin?.triesLeft == 100)
        #expect(try session.list().map(\.account) == ["old"])
    }

    /// The other way in which a wrong PIN is answered: then the key is asked for its tries.
    @Test func aWrongOneIsUnderstoodInBothForms() throws {
        let card = try card()
        card.change = { _, command, answer in
            command.starts(with: [0x80, 0xC5, 0x05, 0x06]) && answer.first == 0x63 ? [0x69, 0x82] : answer
        }
        let session = try card.session()
        #expect(throws: DeviceError.wrongPIN(.user, triesLeft: 99)) { try session.use(Secret("000000"), as: .user) }
        let last = try self.card(triesLeft: 1)
        last.change = card.change
        #expect(throws: DeviceError.pinBlocked(.user)) { try last.session().use(Secret("000000"), as: .user) }
    }

    @Test func theLastWrongOneBlocks() throws {
        let card = try card(triesLeft: 1)
        let session = try card.session()
        #expect(throws: DeviceError.pinBlocked(.user)) { try session.use(Secret("000000"), as: .user) }
        let exchanges = card.sent.count
        #expect(throws: DeviceError.pinBlocked(.user)) { try session.use(Secret(Self.pin), as: .user) }
        #expect(card.sent.count == exchanges, "a blocked PIN is not sent")
        #expect(throws: DeviceError.pinBlocked(.user)) { try card.session().use(Secret(Self.pin), as: .user) }
    }

    @Test func aKeyWithoutOneSaysSo() throws {
        for hasPIN in [true, false] {
            let session = try Token2Card(try Token2Chip(hasPIN: hasPIN)).session()
            #expect(session.pins(for: .list).isEmpty)
            #expect(try session.triesLeft(of: .user) == nil)
            #expect(throws: DeviceError.pinNotSet(.user)) { try session.use(Secret(Self.pin), as: .user) }
        }
        #expect(throws: DeviceError.pinNotSet(.admin)) { try card().session().use(Secret(Self.pin), as: .admin) }
    }

    /// The maker's published application answers in clear behind the PIN; other descriptions have it encrypted.
    @Test func answersInClearAreReadToo() throws {
        let card = try card()
        var page: [UInt8] = []
        let open = Token2Card(try Token2Chip(entries: [Token2StoredEntry("old")]))
        open.change = { _, command, answer in
            if command.starts(with: [0x80, 0xC5, 0x05, 0x00]) { page = answer }
            return answer
        }
        _ = try open.session().list()
        card.change = { [page] _, command, answer in
            command.starts(with: [0x80, 0xC5, 0x05, 0x00]) ? page : answer
        }
        let session = try card.session()
        try session.use(Secret(Self.pin), as: .user)
        #expect(try session.list().map(\.account) == ["old"])
    }

    /// As a host of the maker's sets it, so that the chip is known to take what clients send.
    @Test func theFirstOneIsSetAndAsksForEnough() throws {
        var chip = try Token2Chip()
        func send(_ header: [UInt8], _ data: [UInt8]) -> [UInt8] {
            guard case .bytes(let answer) = chip.transmit(header + [UInt8(data.count)] + data) else { return [] }
            return answer
        }
        _ = send([0, 0xA4, 4, 0], Token2Applet.identifier)
        let host = try P256KeyAgreement(random: SystemRandom())
        let agreement = send([0x80, 0xC5, 5, 9], host.publicPoint)
        #expect(agreement.count == 64 + 132 + 2)
        let keys = try Token2SessionKeys(
            shared: try #require(try host.sharedSecret(with: Array(agreement.prefix(64)))))
        func set(_ pin: String) throws -> [UInt8] {
            let block = WipedBuffer([0x07, 100, UInt8(pin.utf8.count)] + Array(pin.utf8))
            return send(
                [0x80, 0xC5, 5, 5], try keys.seal(block, random: SystemRandom()).withBytes { [UInt8](copying: $0) })
        }
        #expect(try set("12345") == [0x6A, 0x80] && set("short abc") == [0x6A, 0x80])
        #expect(try set(Self.pin) == [0x90, 0x00] && set(Self.pin) == [0x6A, 0x81])
        let session = try Token2Card(chip).session()
        try session.use(Secret(Self.pin), as: .user)
        #expect(try session.list().isEmpty)
    }

    /// Each answer of a whole conversation, cut at each length and changed at random, ends in our error or in a result, and
    /// nothing is called proven that is not on the key.
    @Test(arguments: [true, false])
    func damagedAnswersEndInAnErrorOrAResult(_ hasPIN: Bool) throws {
        var generator = SeededGenerator(seed: 3)
        func run(_ card: Token2Card) throws(DeviceError) -> Verification {
            let session = try card.session()
            if hasPIN { try session.use(Secret(Self.pin), as: .user) }
            guard let credential = try? Samples.totp("new") else { throw .hostCryptography }
            var enrollment = Enrollment(credential)
            return try enrollment.run(on: session)
        }
        func card() throws -> Token2Card {
            Token2Card(try Token2Chip(entries: [Token2StoredEntry("old")], pin: hasPIN ? Self.pin : nil))
        }
        let whole = try card()
        #expect(try run(whole) == .codes)
        for (number, answer) in whole.answers.enumerated() {
            var damaged = answer.indices.map { Array(answer[..<$0]) }
            damaged += (0..<60).map { _ in mutated(answer, using: &generator) }
            for damage in damaged {
                let card = try card()
                card.change = { $0 == number ? damage : $2 }
                do throws(DeviceError) {
                    _ = try run(card)
                    #expect(card.chip.memory.entries.map(\.account).contains(Array("new".utf8)))
                } catch {}
            }
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        count >= part.count && indices.dropLast(part.count - 1).contains { self[$0...].starts(with: part) }
    }
}
