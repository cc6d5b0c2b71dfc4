import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The OTP application of Token2's FIDO keys, on both sides, and what is its own among the families.
@Suite struct Token2Tests {
    private static let hostKey = RepeatedBytes(bytes: [0x11])

    @Test func everyVectorIsUsed() {
        #expect(
            Set(Token2Vector.all.map(\.id)) == [
                "token2pin-select", "token2pin-ecdh", "token2pin-write", "token2pin-enum", "token2pin-delete",
                "token2pin-session",
            ])
    }

    private static func credential() throws -> Credential {
        try Samples.totp("account", issuer: "issuer", secret: Secret("12345678901234567890"))
    }

    // MARK: Host

    @Test func theHostSendsTheVectors() throws {
        let ids = ["token2pin-select", "token2pin-ecdh", "token2pin-write", "token2pin-enum", "token2pin-delete"]
        let steps = try ids.map { try Token2Vector.named($0).step }
        // Firmware without PIN says that it does not know the question. The point is asked for before each write.
        let answers =
            [steps[0].answer, [0x6A, 0x86]] + steps[1...3].map(\.answer) + [steps[1], steps[4]].map(\.answer)
        let card = AnsweringCard(answers: answers)
        let app = try Token2App(channel: APDUChannel(connection: card), random: Self.hostKey)
        #expect(app.pin == .none)
        let credential = try Self.credential()
        let name = Token2Name(credential.label)
        let cleartext = Token2Entry.cleartext(credential, named: name, seed: credential.secret)
        let write = try Token2Vector.named("token2pin-write")
        #expect(try cleartext.withBytes { [UInt8](copying: $0) } == write.field(write.cleartext))
        try app.write(cleartext, during: .writing)
        let entries = try app.list(at: 59)
        #expect(entries.map(\.name) == [name] && entries.map(\.code) == ["287082"])
        #expect(entries.map(\.period) == [30] && entries.map(\.hash) == [Token2Wire.sha1])
        try app.write(Token2Entry.deletion(of: name), during: .deleting)
        let question = [0x80, 0xC5, 0x05, 0x04, 0x09] + [UInt8](repeating: 0, count: 9)
        #expect(
            card.sent == [steps[0].command, question] + steps[1...3].map(\.command)
                + [steps[1], steps[4]].map(\.command))
    }

    /// keyroost's own test of the derivation: what the host seals under them opens with the published keys.
    @Test func theKeysOfASessionAreThePublishedOnes() throws {
        let vector = try Token2Vector.named("token2pin-session")
        let host = try P256KeyAgreement(random: RepeatedBytes(bytes: vector.field(vector.host)))
        let point = try Token2Crypto.point(of: vector.field(vector.device))
        let keys = try Token2SessionKeys(shared: try #require(try host.sharedSecret(with: point)))
        let sealed = try keys.seal(WipedBuffer("entry".utf8), random: Self.hostKey).withBytes { [UInt8](copying: $0) }
        let (cipher, tag) = (Array(sealed[16..<32]), Array(sealed[32...]))
        let plain = try Token2Crypto.decrypt(
            cipher, key: vector.field(vector.encryption), vector: Array(sealed[..<16]))
        #expect(try Token2Crypto.unpadded(plain) == Array("entry".utf8))
        let mac = try HMACHash.sha256.authenticate(cipher, key: vector.field(vector.authentication))
        #expect(tag == Array(mac.prefix(16)))
        #expect(try keys.open(sealed[...]).map(Array.init) == Array("entry".utf8))
        for length in sealed.indices { #expect(try keys.open(sealed[..<length]) == nil, "\(length) bytes") }
        for index in sealed.indices.dropFirst(16) {
            var changed = sealed
            changed[index] ^= 1
            #expect(try keys.open(changed[...]) == nil, "byte \(index)")
        }
    }

    @Test func bothSidesComeToTheKeyOfTheVector() throws {
        let vector = try Token2Vector.named("token2pin-write")
        let host = try P256KeyAgreement(random: Self.hostKey)
        #expect(try host.publicPoint == vector.field(vector.hostPub))
        let shared = try Token2Crypto.sharedX(Token2Chip.privateKey, host.publicPoint)
        #expect(try Token2Crypto.sha256(shared) == vector.field(vector.aesKey))
        let devicePoint = try Token2Crypto.point(of: Token2Chip.privateKey)
        #expect(try host.sharedSecret(with: devicePoint) == Secret(WipedBuffer(shared)))
    }

    /// Keys of the first generation share the ids.
    @Test(arguments: [UInt16(0x6A82), 0x6D00, 0x6A81])
    func aKeyWithoutTheApplicationSaysSo(_ word: UInt16) throws {
        let card = AnsweringCard(answers: [[UInt8(word >> 8), UInt8(word & 0xFF)]])
        #expect {
            try Token2App(channel: APDUChannel(connection: card), random: SystemRandom())
        } throws: { error in
            guard case DeviceError.notSupported = error else { return false }
            return true
        }
    }

    @Test func aPointThatIsNoneEndsBeforeAnythingIsSent() throws {
        let card = Token2Card(try Token2Chip())
        card.change = { _, command, answer in
            guard command.starts(with: [0x80, 0xC5, 0x01]) else { return answer }
            return [answer[0] ^ 1] + answer.dropFirst()
        }
        let session = try card.session()
        #expect(throws: DeviceError.malformedResponse(during: .writing)) {
            try session.write(try Self.credential(), WriteOptions()) { _ in }
        }
        #expect(!card.sent.contains { $0.starts(with: [0x80, 0xC5, 0x05, 0x02]) })
    }

    @Test func pagesWithoutAnEndAreBounded() throws {
        let page = try Token2Vector.named("token2pin-enum").step.answer
        let endless = [page[0] | 0x80] + page.dropFirst()
        let card = AnsweringCard(answers: [[0x90, 0x00], [0x6A, 0x86]] + Array(repeating: endless, count: 5000))
        let app = try Token2App(channel: APDUChannel(connection: card), random: SystemRandom())
        #expect(throws: DeviceError.malformedResponse(during: .listing)) { try app.list(at: 59) }
        #expect(card.sent.count <= 2 + Token2Wire.mostEntries)
    }

    /// A page that says that more follows, and holds nothing itself, would never end.
    @Test func aPageHoldsAnEntryAtLeast() {
        #expect(throws: Token2Entry.Malformed.self) { try Token2Entry.page([]) }
        #expect(throws: Token2Entry.Malformed.self) { try Token2Entry.page([0x80]) }
        #expect(throws: Token2Entry.Malformed.self) { try Token2Entry.page([0x02, 0xC1, 0, 30, 6, 0, 0, 1, 0x61]) }
    }

    @Test(arguments: [
        (UInt16(0x6A84), DeviceError.full(capacity: nil)), (0x6FF9, .touchTimedOut), (0x6982, .pinRequired(.user)),
        (0x6985, .pinRequired(.user)), (0x6983, .pinBlocked(.user)), (0x6A83, .noSuchCredential),
        (0x6581, .status(StatusWord(rawValue: 0x6581), during: .writing)),
    ])
    func statusWordsHaveTheirMeaning(_ word: UInt16, _ error: DeviceError) throws {
        let card = Token2Card(try Token2Chip())
        card.change = { _, command, answer in
            command.starts(with: [0x80, 0xC5, 0x05, 0x02]) ? [UInt8(word >> 8), UInt8(word & 0xFF)] : answer
        }
        let session = try card.session()
        #expect(throws: error) { try session.write(try Self.credential(), WriteOptions()) { _ in } }
    }

    /// Older firmware tells no serial number to this application; what is no text is refused.
    @Test func theSerialNumberIsTextOrNothing() throws {
        func serial(_ answer: [UInt8]) throws -> String? {
            let card = AnsweringCard(answers: [[0x90, 0x00], [0x6A, 0x86], answer])
            return try Token2App(channel: APDUChannel(connection: card), random: SystemRandom()).readSerial()
        }
        #expect(try serial([0xD1, 0x04] + Array("661A".utf8) + [0x90, 0x00]) == "661A")
        #expect(try serial([0x6D, 0x00]) == nil)
        for wrong: [UInt8] in [[], [0xD1], [0xD1, 2, 0x31], [0xD2, 1, 0x31], [0xD1, 1, 0x0A], [0xD1, 1, 0x31, 0]] {
            #expect(throws: DeviceError.malformedResponse(during: .identifying)) { try serial(wrong + [0x90, 0x00]) }
        }
    }

    // MARK: Device

    @Test func theVirtualKeyAnswersTheVectors() throws {
        var chip = try Token2Chip(hasPIN: false)
        chip.powerOn()
        for id in ["token2pin-select", "token2pin-ecdh", "token2pin-write", "token2pin-enum"] {
            let step = try Token2Vector.named(id).step
            #expect(chip.transmit(step.command) == .bytes(step.answer), "\(id)")
        }
        #expect(chip.memory.entries.map(\.seed) == [Array("12345678901234567890".utf8)])
        let deletion = try Token2Vector.named("token2pin-delete").step
        #expect(chip.transmit(deletion.command) == .bytes(deletion.answer))
        #expect(chip.memory.entries.isEmpty)
        #expect(chip.transmit(deletion.command) == .bytes([0x6A, 0x80]))
    }

    @Test func nothingIsWrittenThatWasNotEncryptedForTheKey() throws {
        let write = try Token2Vector.named("token2pin-write").step.command
        var chip = try Token2Chip()
        _ = chip.transmit(try Token2Vector.named("token2pin-select").step.command)
        var changes = 0
        // Behind header and length; the last block but one is changed with the last of the names and the seed.
        for index in 5..<(5 + 64 + 16) {
            var changed = write
            changed[index] ^= 0x10
            if chip.transmit(changed) != .bytes([0x90, 0x00]) { changes += 1 }
        }
        #expect(changes == 64 + 16)
        #expect(chip.memory.entries.isEmpty)
    }

    @Test func cutAndChangedCommandsHarmNothing() throws {
        var generator = SeededGenerator(seed: 15)
        var chip = try Token2Chip(entries: [Token2StoredEntry("old")], pin: "246813")
        for command in Token2Vector.all.flatMap(\.steps).map(\.command) {
            for end in command.indices { _ = chip.transmit(Array(command[..<end])) }
            for _ in 0..<300 { _ = chip.transmit(mutated(command, using: &generator)) }
        }
        #expect(chip.memory.entries == [Token2StoredEntry("old")], "the PIN was not given")
        #expect(chip.memory.pin?.triesLeft == 100)
    }

    /// Hosts that send short commands fetch long answers in parts (GET RESPONSE).
    @Test func aLongPageComesInPartsWithAShortCommand() throws {
        var chip = try Token2Chip(entries: (0..<9).map { Token2StoredEntry("account \($0) with a long name") })
        _ = chip.transmit(try Token2Vector.named("token2pin-select").step.command)
        let question: [UInt8] = [0x80, 0xC5, 0x05, 0x00, 0x09, 0x03] + [UInt8](repeating: 0, count: 8)
        guard case .bytes(let first) = chip.transmit(question) else { return }
        #expect(first.count == 258 && first[256] == 0x61)
        guard case .bytes(let rest) = chip.transmit([0, 0xC0, 0, 0, 0]) else { return }
        #expect(rest.suffix(2) == [0x90, 0x00])
        let extended = question[..<4] + [0, 0, 9] + question[5...]
        #expect(chip.transmit(Array(extended)) == .bytes(first.dropLast(2) + rest))
    }

    // MARK: Both

    private func bench(_ model: String = "token2pin") throws -> Bench {
        try Bench(try #require(Bench.Subject.all.first { $0.model.name == model }))
    }

    @Test func aListOfManyPagesIsReadToItsEnd() throws {
        let entries = (0..<50).map { Token2StoredEntry("account \($0) with a name that is long") }
        let card = Token2Card(try Token2Chip(entries: entries))
        let session = try card.session()
        let stored = try session.list()
        #expect(stored.map(\.account) == entries.map { String(decoding: $0.account, as: UTF8.self) })
        #expect(card.sent.count { $0.starts(with: [0x80, 0xC5, 0x05, 0x01]) } > 3)
    }

    @Test func whatTheReaderCannotCarryIsRefusedBeforeAnyTransfer() throws {
        let credential = try Samples.totp(
            String(repeating: "a", count: 64), issuer: String(repeating: "i", count: 64),
            secret: Samples.secret(count: 64))
        #expect(try bench("token2pin").enroll(credential) == .codes)
        let short = try bench("token2pin33")
        try short.with { session in
            let transfers = short.key.transferCount
            #expect(throws: DeviceError.self) { try session.check(credential, WriteOptions()) }
            #expect(short.key.transferCount == transfers)
        }
        // The longest that it does carry.
        let fitting = try Samples.totp(
            String(repeating: "a", count: 64), issuer: String(repeating: "i", count: 64),
            secret: Samples.secret(count: 38))
        #expect(try short.enroll(fitting) == .codes)
        let longer = try Samples.totp(
            String(repeating: "a", count: 64), issuer: String(repeating: "i", count: 64),
            secret: Samples.secret(count: 39))
        #expect(throws: DeviceError.self) { try short.enroll(longer) }
    }

    @Test func aTimeStepHasSixteenBits() throws {
        let bench = try bench()
        #expect(try bench.enroll(try Samples.totp("slow", period: 65_535)) == .codes)
        #expect(throws: DeviceError.self) { try bench.enroll(try Samples.totp("slower", period: 65_536)) }
    }

    /// Each byte of the two answers of the proof, changed: the code, the names and what the key says that it computes with.
    @Test func aKeyThatComputesOtherwiseIsNotProven() throws {
        let credential = try Self.credential()
        let question = [0x80, 0xC5, 0x05, 0x00, UInt8(9 + Token2Name(credential.label).bytes.count), 0x01]
        func write(_ change: @escaping (_ proof: Int, [UInt8]) -> [UInt8]) throws -> Verification {
            let card = Token2Card(try Token2Chip())
            var proofs = 0
            card.change = { _, command, answer in
                guard command.starts(with: question) else { return answer }
                proofs += 1
                return change(proofs, answer)
            }
            return try card.session().write(credential, WriteOptions()) { _ in }
        }
        var length = 0
        #expect(
            try write {
                (length, _) = ($1.count, $0); return $1
            } == .codes)
        for proof in 1...2 {
            for index in 0..<length - 2 {
                #expect(throws: DeviceError.self, "answer \(proof), byte \(index)") {
                    try write { number, answer in
                        guard number == proof else { return answer }
                        return answer.enumerated().map { $0 == index ? $1 ^ 1 : $1 }
                    }
                }
            }
        }
    }

    @Test func whatIsGoneIsNotThere() throws {
        let card = Token2Card(try Token2Chip(entries: [Token2StoredEntry("a"), Token2StoredEntry("b")]))
        let session = try card.session()
        let stored = try session.list()
        try session.delete(stored[0])
        #expect(throws: DeviceError.noSuchCredential) { try session.code(for: stored[0], at: 59) }
        #expect(throws: DeviceError.noSuchCredential) { try session.delete(stored[0]) }
        #expect(try session.code(for: stored[1], at: 59).value == .code("287082"))
    }

    /// Written by another program: the list masks it, and asking for it is announced.
    @Test func anEntryWithButtonIsAnnounced() throws {
        let card = Token2Card(try Token2Chip(entries: [Token2StoredEntry("a", button: 1), Token2StoredEntry("b")]))
        var touches = 0
        let session = try card.session { touches += 1 }
        let codes = try session.codes(at: 59)
        #expect(codes.map(\.value) == [.needsTouch, .code("287082")])
        #expect(
            try codes.map { try session.code(for: $0.credential, at: 59).value } == [.code("287082"), .code("287082")])
        #expect(touches == 1)
    }

    /// Names of other programs may be of any bytes; they do not keep the rest from being listed.
    @Test func namesOfOtherProgramsAreListed() throws {
        var odd = Token2StoredEntry("x")
        (odd.application, odd.account, odd.digits) = ([], [0xFF, 0x3A], 10)
        let session = try Token2Card(try Token2Chip(entries: [odd, Token2StoredEntry("b")])).session()
        let stored = try session.list()
        #expect(stored.map(\.issuer) == [nil, "Example"])
        #expect(try session.code(for: stored[0], at: 59).value == .code("1094287082"))
        try session.delete(stored[0])
        #expect(try session.list().map(\.account) == ["b"])
    }

    @Test func aStateFileMakesTheSameKeyOrNone() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice", .sha256, digits: 8))
        try bench.enroll(try Samples.hotp("bob", counter: 0))
        let snapshot = bench.key.snapshot
        #expect(try VirtualKey(restoring: snapshot).snapshot == snapshot)
        let text = String(decoding: snapshot, as: UTF8.self)
        let wrongs = [
            ("\"digits\" : 8", "\"digits\" : 11"), ("\"type\" : 0", "\"type\" : 2"),
            ("\"algorithm\" : 2", "\"algorithm\" : 3"), ("\"period\" : 30", "\"period\" : 0"),
            (hex("alice".utf8), hex("bob".utf8)), ("\"account\" : \"626f62\"", "\"account\" : \"\""),
            ("\"privateKey\" : \"", "\"privateKey\" : \"00"),
        ]
        for (member, wrong) in wrongs {
            let changed = text.replacing(member, with: wrong)
            #expect(changed != text, "\(member)")
            #expect(throws: VirtualKeyError.self, "\(member)") { try VirtualKey(restoring: Array(changed.utf8)) }
        }
    }
}
