import ByteBuffers
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// Setting and changing PINs.
@Suite struct PINChangingTests {
    typealias Subject = Bench.Subject

    private static let changing = Subject.all.filter { !$0.features.newPINs.isEmpty }
    private static let unset = changing.filter { $0.family.name == "nitrokey3" }

    @Test(arguments: Subject.all)
    func `the features say which PINs can be changed, and how long they may be`(_ subject: Subject) throws {
        let session = try Bench(subject).open()
        defer { session.close() }
        #expect((session as? any PINChanging)?.newPINs ?? [] == subject.features.newPINs)
        guard let changing = session as? any PINChanging else { return }
        for pin in PIN.allCases where !subject.features.newPINs.contains(where: { $0.pin == pin }) {
            #expect(throws: DeviceError.notSupported(.newPIN(pin))) { try changing.check(pin) }
            #expect(throws: DeviceError.notSupported(.newPIN(pin))) {
                try changing.change(pin, from: Secret("12345678"), to: Secret("87654321"))
            }
        }
    }

    // MARK: Set

    @Test(arguments: unset)
    func `a first PIN is set once, at a touch, and then works`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let (pin, other) = (Secret("correct horse"), Secret("battery staple"))
        try bench.with { session in
            let session = try #require(session as? any PINChanging)
            #expect(!session.isSet(.user))
            let touches = bench.key.touchCount
            try session.set(pin, as: .user)
            #expect(bench.key.touchCount == touches + 1)
            #expect(session.isSet(.user))
            #expect(throws: DeviceError.pinAlreadySet(.user)) { try session.set(other, as: .user) }
            // In the same session, and below in another one.
            try session.use(pin, as: .user)
            #expect(try session.list().isEmpty)
        }
        let options = WriteOptions(pin: true)
        try bench.with { session in
            let session = try #require(session as? any PINChanging)
            #expect(throws: DeviceError.pinAlreadySet(.user)) { try session.set(other, as: .user) }
            try session.use(pin, as: .user)
            var enrollment = Enrollment(try Samples.totp("hidden"), options: options)
            #expect(try enrollment.run(on: session) == .codes)
        }
    }

    @Test(arguments: unset)
    func `without a touch no PIN is set or changed`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        bench.key.touch = .never
        try bench.with { session in
            let session = try #require(session as? any PINChanging)
            #expect(throws: DeviceError.touchTimedOut) { try session.set(Secret("1234"), as: .user) }
            #expect(throws: DeviceError.pinNotSet(.user)) {
                try session.change(.user, from: Secret("1234"), to: Secret("4321"))
            }
        }
        try bench.given("1234", as: .user)
        let before = bench.key.snapshot
        try bench.with { session in
            let session = try #require(session as? any PINChanging)
            #expect(throws: DeviceError.touchTimedOut) {
                try session.change(.user, from: Secret("1234"), to: Secret("4321"))
            }
        }
        #expect(bench.key.snapshot == before)
    }

    // MARK: Change

    @Test(arguments: changing)
    func `a changed PIN is the one that counts`(_ subject: Subject) throws {
        for (pin, lengths) in subject.features.newPINs.map({ ($0.pin, $0.lengths) }) {
            for length in [lengths.lowerBound, lengths.upperBound] {
                let bench = try Bench(subject)
                try bench.given("12345678", as: pin)
                let new = String(repeating: "é1", count: lengths.upperBound).utf8.prefix(length)
                let secret = Secret(WipedBuffer(Array(new)))
                try bench.with { session in
                    let session = try #require(session as? any PINChanging)
                    try session.change(pin, from: Secret("12345678"), to: secret)
                }
                #expect(bench.pin(pin) == Array(new))
                #expect(try bench.triesLeft(of: pin) == bench.mostTries(of: pin))
                #expect(try bench.opens(to: secret, as: pin))
                #expect(!(try bench.opens(to: Secret("12345678"), as: pin)))
            }
        }
    }

    @Test(arguments: changing)
    func `a wrong old PIN costs one try, and the PIN stays`(_ subject: Subject) throws {
        for pin in subject.features.newPINs.map(\.pin) {
            let bench = try Bench(subject)
            try bench.given("12345678", as: pin)
            let most = bench.mostTries(of: pin)
            for left in (0..<most).reversed() {
                try bench.changing { session in
                    let expected = left == 0 ? DeviceError.pinBlocked(pin) : .wrongPIN(pin, triesLeft: left)
                    #expect(throws: expected) {
                        try session.change(pin, from: Secret("00000000"), to: Secret("87654321"))
                    }
                    let now = try session.triesLeft(of: pin)
                    #expect(now == left)
                }
                #expect(bench.pin(pin) == Array("12345678".utf8))
            }
            try bench.changing { session in
                #expect(throws: DeviceError.pinBlocked(pin)) {
                    try session.change(pin, from: Secret("12345678"), to: Secret("87654321"))
                }
            }
            #expect(bench.pin(pin) == Array("12345678".utf8))
        }
    }

    @Test(arguments: changing)
    func `a PIN that the key cannot have is refused before any transfer`(_ subject: Subject) throws {
        for (pin, lengths) in subject.features.newPINs.map({ ($0.pin, $0.lengths) }) {
            let bench = try Bench(subject)
            try bench.given("12345678", as: pin)
            let session = try #require(try bench.open() as? any PINChanging)
            defer { session.close() }
            let transfers = bench.key.transferCount
            for length in [0, lengths.lowerBound - 1, lengths.upperBound + 1, 4096] {
                let new = Secret(String(repeating: "1", count: length))
                #expect(throws: DeviceError.malformedPIN(.newLength(pin, lengths))) { try session.check(new, as: pin) }
                #expect(throws: DeviceError.malformedPIN(.newLength(pin, lengths))) {
                    try session.change(pin, from: Secret("12345678"), to: new)
                }
            }
            for text in ["1234\u{0}5678", "12345678\t", "\u{1F}2345678"] {
                #expect(throws: DeviceError.malformedPIN(.newCharacters)) {
                    try session.change(pin, from: Secret("12345678"), to: Secret(text))
                }
            }
            #expect(bench.key.transferCount == transfers)
        }
    }

    @Test(arguments: changing)
    func `an old PIN of no length, or longer than any, is never sent`(_ subject: Subject) throws {
        for pin in subject.features.newPINs.map(\.pin) {
            let bench = try Bench(subject)
            try bench.given("12345678", as: pin)
            let session = try #require(try bench.open() as? any PINChanging)
            defer { session.close() }
            let transfers = bench.key.transferCount
            for text in ["", String(repeating: "1", count: 129)] {
                let error = #expect(throws: DeviceError.self) {
                    try session.change(pin, from: Secret(text), to: Secret("87654321"))
                }
                guard case .malformedPIN(.length(pin, _))? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            #expect(bench.key.transferCount == transfers)
        }
    }

    @Test(arguments: unset)
    func `what is under the PIN stays there when it is changed`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.given("1234", as: .user)
        let credential = try Samples.totp("hidden")
        try bench.with { session in
            let session = try #require(session as? any PINChanging)
            try session.use(Secret("1234"), as: .user)
            var enrollment = Enrollment(credential, options: WriteOptions(pin: true))
            _ = try enrollment.run(on: session)
            try session.change(.user, from: Secret("1234"), to: Secret("4321"))
        }
        try bench.with { session in
            try (session as? any PINProvisioning)?.use(Secret("4321"), as: .user)
            let stored = try #require(try session.list().first)
            let expected = try OneTimePassword.code(for: credential, at: 59)
            #expect(try session.code(for: stored, at: 59).value == .code(expected))
        }
    }

    // MARK: Faults

    /// Whatever a transfer brings, the PIN is the old one or the new one, and no try is lost. Bytes that arrive changed are
    /// another matter: they are another PIN, and no USB lets them through.
    @Test(arguments: changing, Fault.allCases)
    func `every transfer fails once`(_ subject: Subject, _ fault: Fault) throws {
        for pin in subject.features.newPINs.map(\.pin) {
            let start = try Bench(subject)
            try start.given("12345678", as: pin)
            let undisturbed = try Bench(subject, memory: start.key.snapshot)
            try undisturbed.change(pin)
            let transfers = undisturbed.key.transferCount
            for number in 1...transfers {
                let bench = try Bench(subject, memory: start.key.snapshot)
                bench.key.faults = FaultPlan(fault, atTransfer: number)
                let outcome = Result { try bench.change(pin) }
                bench.key.faults = .none
                if !bench.key.isPlugged { bench.key.plug() }
                let most = bench.mostTries(of: pin)
                let left = try #require(try bench.triesLeft(of: pin))
                guard fault != .garbled else {
                    #expect(left >= most - 1, "transfer \(number)")
                    continue
                }
                #expect(left == most, "transfer \(number)")
                switch outcome {
                case .success: #expect(bench.pin(pin) == Array("87654321".utf8), "transfer \(number)")
                case .failure(let error):
                    #expect(error is DeviceError, "transfer \(number)")
                    let known: [[UInt8]?] = ["12345678", "87654321"].map { Array($0.utf8) }
                    #expect(known.contains(bench.pin(pin)), "transfer \(number)")
                }
            }
        }
    }
}

extension Bench {
    /// Gives the key that PIN as if it had had it from the beginning.
    fileprivate func given(_ text: String, as pin: PIN) throws {
        _ = key.withChip(Nitrokey3Chip.self) { $0.setPIN(Array(text.utf8)) }
        _ = key.withChip(NitrokeyProChip.self) { chip in
            if pin == .user { chip.memory.userPIN = Array(text.utf8) } else { chip.memory.adminPIN = Array(text.utf8) }
        }
    }

    fileprivate func pin(_ pin: PIN) -> [UInt8]? {
        let first = key.withChip(Nitrokey3Chip.self) { $0.memory.pin }
        return (first ?? nil)
            ?? key.withChip(NitrokeyProChip.self) { pin == .user ? $0.memory.userPIN : $0.memory.adminPIN }
    }

    fileprivate func mostTries(of pin: PIN) -> Int { subject.family.name == "nitrokey3" ? 8 : 3 }

    /// A session in which no PIN was given.
    fileprivate func changing(_ body: (any PINChanging) throws -> Void) throws {
        let session = try #require(try open() as? any PINChanging)
        defer { session.close() }
        try body(session)
    }

    fileprivate func change(_ pin: PIN) throws {
        try changing { try $0.change(pin, from: Secret("12345678"), to: Secret("87654321")) }
    }

    fileprivate func triesLeft(of pin: PIN) throws -> Int? {
        let session = try open()
        defer { session.close() }
        return try (session as? any PINProvisioning)?.triesLeft(of: pin)
    }

    /// Whether that PIN is the right one; a wrong one costs a try.
    fileprivate func opens(to secret: Secret, as pin: PIN) throws -> Bool {
        let session = try open()
        defer { session.close() }
        do {
            try (session as? any PINProvisioning)?.use(secret, as: pin)
            _ = try session.list()
            return true
        } catch DeviceError.wrongPIN {
            return false
        }
    }
}
