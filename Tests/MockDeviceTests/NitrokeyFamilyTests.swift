import ByteBuffers
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// What Nitrokeys do beyond what every family does: PINs, and the traps of their firmware.
@Suite struct NitrokeyFamilyTests {
    typealias Subject = Bench.Subject

    private static let pros = Subject.all.filter {
        ["nitrokey-pro", "nitrokey-storage", "librem-key"].contains($0.family.name)
    }
    private static let nitrokeys3 = Subject.all.filter { $0.family.name == "nitrokey3" }

    // MARK: Nitrokey Pro, Storage, Librem Key

    @Test(arguments: pros)
    func `a wrong PIN costs one try and is not tried again`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let session = try #require(try bench.open() as? any PINProvisioning)
        defer { session.close() }
        for pin in PIN.allCases {
            #expect(try session.triesLeft(of: pin) == 3)
            #expect(throws: DeviceError.wrongPIN(pin, triesLeft: 2)) { try session.use(Secret("00000000"), as: pin) }
            #expect(try session.triesLeft(of: pin) == 2)
        }
        var enrollment = Enrollment(try Samples.totp("alice"), options: subject.place(0))
        #expect(throws: DeviceError.pinRequired(.admin)) { try enrollment.run(on: session) }
        #expect(try session.triesLeft(of: .admin) == 2)
        #expect(throws: DeviceError.wrongPIN(.admin, triesLeft: 1)) { try session.use(Secret("1"), as: .admin) }
        #expect(throws: DeviceError.pinBlocked(.admin)) { try session.use(Secret("1"), as: .admin) }
        let transfers = bench.key.transferCount
        #expect(throws: DeviceError.pinBlocked(.admin)) { try session.use(Secret("12345678"), as: .admin) }
        #expect(bench.key.transferCount <= transfers + 4, "a blocked PIN was tried")
        try session.use(Secret("123456"), as: .user)
        #expect(try session.triesLeft(of: .user) == 3)
    }

    /// It showed the response to an earlier request as ready, and had the new one all the same.
    @Test(arguments: pros)
    func `what a key answers late is not sent twice`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.hotp("counting", counter: 7)
        try bench.enroll(credential)
        _ = bench.key.withChip(NitrokeyProChip.self) { $0.showsLastResponse = .milliseconds(350) }
        let session = try #require(try bench.open() as? any PINChanging)
        defer { session.close() }
        #expect(throws: DeviceError.wrongPIN(.user, triesLeft: 2)) { try session.use(Secret("000000"), as: .user) }
        #expect(throws: DeviceError.wrongPIN(.admin, triesLeft: 2)) {
            try session.change(.admin, from: Secret("00000000"), to: Secret("123456789"))
        }
        let stored = try #require(try session.neighbors(of: credential, subject.place(0)).first)
        #expect(try session.code(for: stored, at: 0).value == .code(OneTimePassword.code(for: credential, counter: 7)))
        #expect(bench.key.withChip(NitrokeyProChip.self) { $0.memory.slots[0x10]?.counter } == 8)
    }

    @Test(arguments: pros)
    func `a command that a key does not answer is not repeated`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let session = try #require(try bench.open() as? any PINProvisioning)
        defer { session.close() }
        _ = bench.key.withChip(NitrokeyProChip.self) { $0.showsLastResponse = .seconds(3600) }
        #expect(throws: DeviceError.unknownOutcome(during: .unlocking)) {
            try session.use(Secret("000000"), as: .user)
        }
        // A question is: the first one could have been dropped.
        let transfers = bench.key.transferCount
        #expect(try session.triesLeft(of: .user) == 2)
        let asked = bench.key.transfers.dropFirst(transfers).count { $0.direction == .out }
        #expect(asked == 2)
    }

    @Test(arguments: pros)
    func `a PIN of no length or of more than 25 bytes is never sent`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let session = try #require(try bench.open() as? any PINProvisioning)
        defer { session.close() }
        let transfers = bench.key.transferCount
        for text in ["", String(repeating: "1", count: 26)] {
            #expect(throws: DeviceError.malformedPIN(.length(.admin, 1...25))) {
                try session.use(Secret(text), as: .admin)
            }
        }
        #expect(bench.key.transferCount == transfers)
    }

    @Test(arguments: pros)
    func `protected codes take the user PIN`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("alice")
        try bench.enroll(credential)
        _ = bench.key.withChip(NitrokeyProChip.self) { $0.memory.protectsCodes = true }
        let session = try #require(try bench.open() as? any PINProvisioning)
        defer { session.close() }
        #expect(session.pins(for: .compute) == [.required(.user)])
        #expect(session.pins(for: .list).isEmpty)
        let stored = try #require(try session.list().first)
        #expect(throws: DeviceError.pinRequired(.user)) { try session.code(for: stored, at: 59) }
        try session.use(Secret("123456"), as: .user)
        let expected = try OneTimePassword.code(for: credential, at: 59)
        #expect(try session.code(for: stored, at: 59).value == .code(expected))
        #expect(try session.code(for: stored, at: 59).value == .code(expected), "once is not enough")
    }

    @Test(arguments: pros)
    func `a code of the future leaves the key's clock where it was`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("alice")
        try bench.enroll(credential)
        let now = SessionOptions().unixTime
        let future = now + 10_000_000
        #expect(
            try bench.code(of: credential, at: future) == .code(OneTimePassword.code(for: credential, at: future)))
        let elapsed = bench.key.clock.now
        let clock = bench.key.withChip(NitrokeyProChip.self) { $0.firmware.clockTime(at: elapsed) }
        #expect((now...now + 60).contains(try #require(clock)))
    }

    @Test(arguments: pros)
    func `secrets that the firmware takes for something else are refused`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let echoes = subject.proof(of: .totp(period: 30)) == .echo
        try bench.with { session in
            let zeros = try Samples.totp("zeros", secret: Secret(WipedBuffer([UInt8](repeating: 0, count: 20))))
            let zeroFirst = try Samples.totp(
                "zero", secret: Secret(WipedBuffer([0] + [UInt8](repeating: 7, count: 19))))
            let long = try Samples.totp("long", secret: Samples.secret(count: 40))
            let transfers = bench.key.transferCount
            #expect(throws: DeviceError.self) { try session.check(zeros, subject.place(0)) }
            for credential in [zeroFirst, long] {
                if echoes {
                    try session.check(credential, subject.place(0))
                } else {
                    #expect(throws: DeviceError.self) { try session.check(credential, subject.place(0)) }
                }
            }
            #expect(throws: DeviceError.self) {
                try session.check(Samples.hotp("fourth", counter: 0), WriteOptions(slot: 4))
            }
            #expect(throws: DeviceError.self) {
                try session.check(Samples.totp("days", period: 86_400), subject.place(0))
            }
            #expect(bench.key.transferCount == transfers)
        }
        guard echoes else { return }
        for credential in [
            try Samples.totp("zero", secret: Secret(WipedBuffer([0] + [UInt8](repeating: 7, count: 19)))),
            try Samples.totp("long", secret: Samples.secret(count: 40)),
        ] {
            #expect(try bench.enroll(credential, replaces: true) == .echo)
            #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
        }
    }

    @Test func `the slot of a Storage that keeps nothing is not offered`() throws {
        let subject = try #require(Self.pros.first { $0.family.name == "nitrokey-storage" })
        #expect(subject.features.slots == 1...14)
        let bench = try Bench(subject)
        #expect(throws: DeviceError.self) { try bench.enroll(try Samples.totp("lost"), WriteOptions(slot: 15)) }
    }

    @Test func `names that do not fit are cut to what does`() throws {
        for (issuer, account, name) in [
            ("Example", "alice", "Example:alice"), ("Example", "alice@example.org", "alice@example.o"),
            (nil, "ключключ", "ключклю"), ("A", "👩‍👩‍👧‍👦", "👩‍👩‍"),
        ] as [(String?, String, String)] {
            let bytes = NitrokeySlotName.bytes(of: try Label(issuer: issuer, account: account))
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(name.prefix(7).description) || bytes.count <= 15)
            #expect((1...15).contains(bytes.count))
            if account.utf8.allSatisfy({ $0 < 0x80 }) { #expect(bytes == Array(name.utf8)) }
        }
    }

    // MARK: Nitrokey 3

    @Test(arguments: nitrokeys3)
    func `a held FIDO interface leaves the smart-card interface`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("alice")
        for held in [UInt8(0), 1] {
            bench.key.heldInterfaces = [held]
            #expect(try bench.enroll(credential, replaces: true) == .codes)
            #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
        }
        #expect(bench.key.kernelDriverAttached(1) == false)
        bench.key.heldInterfaces = []
        #expect(bench.key.kernelDriverAttached(1), "an interface was not given back")
    }

    @Test(arguments: nitrokeys3, [UInt8(0), 1])
    func `a list that fills more than one message comes whole`(_ subject: Subject, _ held: UInt8) throws {
        let bench = try Bench(subject)
        _ = bench.key.withChip(Nitrokey3Chip.self) { chip in
            chip.fill((0..<50).map { "\($0)" + String(repeating: "n", count: 62) })
        }
        bench.key.heldInterfaces = [held]
        #expect(try bench.names().count == 50)
    }

    @Test(arguments: nitrokeys3)
    func `a credential under the PIN is hidden without it`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let (open, hidden) = try (Samples.totp("open"), Samples.totp("hidden"))
        let options = WriteOptions(pin: true)
        try bench.enroll(open)
        #expect(throws: DeviceError.pinNotSet(.user)) { try bench.enroll(hidden, options) }
        _ = bench.key.withChip(Nitrokey3Chip.self) { $0.setPIN(Array("1234".utf8)) }
        #expect(throws: DeviceError.pinRequired(.user)) { try bench.enroll(hidden, options) }

        try bench.with { session in
            let session = try #require(session as? any PINProvisioning)
            #expect(session.pins(for: .write(options)) == [.required(.user)])
            #expect(session.pins(for: .list) == [.helpful(.user)])
            try session.use(Secret("1234"), as: .user)
            var enrollment = Enrollment(hidden, options: options)
            #expect(try enrollment.run(on: session) == .codes)
        }
        #expect(try bench.names() == ["Example:open"])
        try bench.with { session in
            try (session as? any PINProvisioning)?.use(Secret("1234"), as: .user)
            let stored = try #require(try session.list().first { $0.account == "hidden" })
            let expected = try OneTimePassword.code(for: hidden, at: 59)
            #expect(try session.code(for: stored, at: 59).value == .code(expected))
            try session.delete(stored)
            #expect(try session.list().map(\.account) == ["open"])
        }
    }

    @Test(arguments: nitrokeys3)
    func `a wrong PIN of the secrets application costs one try`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        _ = bench.key.withChip(Nitrokey3Chip.self) { $0.setPIN(Array("1234".utf8)) }
        for left in (0...7).reversed() {
            try bench.with { session in
                try (session as? any PINProvisioning)?.use(Secret("4321"), as: .user)
                let expected = left == 0 ? DeviceError.pinBlocked(.user) : .wrongPIN(.user, triesLeft: left)
                #expect(throws: expected) { try session.list() }
                // The session has forgotten it: the next list is one without a PIN.
                #expect(try session.list().isEmpty)
            }
        }
        _ = try bench.with { session in
            #expect(throws: DeviceError.pinBlocked(.user)) {
                try (session as? any PINProvisioning)?.use(Secret("1234"), as: .user)
            }
        }
    }

    @Test(arguments: nitrokeys3)
    func `a PIN that the secrets application cannot have costs no try`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        _ = bench.key.withChip(Nitrokey3Chip.self) { $0.setPIN(Array("1234".utf8)) }
        try bench.with { session in
            let session = try #require(session as? any PINProvisioning)
            for length in [0, 129] {
                #expect(throws: DeviceError.malformedPIN(.length(.user, 1...128))) {
                    try session.use(Secret(String(repeating: "1", count: length)), as: .user)
                }
            }
            #expect(try session.list().isEmpty)
        }
        #expect(bench.key.withChip(Nitrokey3Chip.self) { $0.memory.pinTriesLeft } == 8)
    }

    @Test(arguments: nitrokeys3)
    func `an entry with a password is left alone`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("both")
        try bench.enroll(credential)
        _ = bench.key.withChip(Nitrokey3Chip.self) { $0.addPasswords() }
        let before = bench.key.snapshot
        #expect(throws: DeviceError.self) {
            try bench.enroll(try Samples.totp("both", secret: Samples.secret(0x61)), replaces: true)
        }
        #expect(throws: DeviceError.self) {
            try bench.with { session in try session.delete(try #require(try session.list().first)) }
        }
        #expect(bench.key.snapshot == before)
    }

    @Test(arguments: nitrokeys3)
    func `entries of other kinds are listed and compute nothing`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        for type in [0x31, 0x41, 0xF1] as [UInt8] {
            _ = bench.key.withChip(Nitrokey3Chip.self) { $0.add("kind \(type)", type: type) }
        }
        try bench.with { session in
            let stored = try session.list()
            #expect(stored.map(\.kind) == [.reverseHOTP, .unknown(0x41), .unknown(0xF1)])
            #expect(try session.codes(at: 59).isEmpty)
            for credential in stored {
                #expect(throws: DeviceError.self) { try session.code(for: credential, at: 59) }
            }
        }
    }
}

extension Nitrokey3Chip {
    mutating func fill(_ labels: [String]) {
        for label in labels { add(label, type: 0x21) }
    }

    mutating func add(_ label: String, type: UInt8) {
        memory.credentials.append(
            SecretsCredential(
                label: Array(label.utf8), type: SecretsType(rawValue: type), digits: 6,
                secret: [UInt8](repeating: 7, count: 20), needsTouch: false, isEncrypted: false, counter: 0))
    }

    mutating func setPIN(_ pin: [UInt8]) { memory.pin = pin }

    mutating func addPasswords() {
        for index in memory.credentials.indices { memory.credentials[index].passwordFields = [0x84, 1, 0x61] }
    }
}
