import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// Secrets of a host, of which a key checks the codes.
@Suite struct HostVerifyingTests {
    typealias Subject = Bench.Subject

    private static let verifying = Subject.all.filter { $0.features.reverseHOTP != nil }
    private static let pin = "1234"

    @Test(arguments: Subject.all)
    func `the features say which keys check codes`(_ subject: Subject) throws {
        try Bench(subject).with { session in
            #expect((session is any HostVerifying) == (subject.features.reverseHOTP != nil))
            let needs = (session as? any PINProvisioning)?.pins(for: .writeHost) ?? []
            #expect(needs.isEmpty == (subject.features.reverseHOTP == nil))
        }
    }

    // MARK: Write and check

    /// The code of the first counter is the one after that of the proof, and nine more are accepted.
    @Test(arguments: verifying, [UInt64(0), 1, 2, 41, UInt64(UInt32.max) - 40])
    func `the key stands where the host begins`(_ subject: Subject, _ counter: UInt64) throws {
        for (algorithm, digits) in [(HashAlgorithm.sha1, 6), (.sha256, 8)] {
            let bench = try bench(subject)
            let host = try Self.host(counter: counter, algorithm, digits: digits)
            #expect(try bench.write(host) == .accepted)
            #expect(!(try bench.accepts(host, counter + 10)), "ten ahead")
            if counter > 0 { #expect(!(try bench.accepts(host, counter - 1)), "the code of the proof came again") }
            #expect(try bench.accepts(host, counter))
            #expect(!(try bench.accepts(host, counter)), "a code was accepted twice")
            #expect(try bench.accepts(host, counter + 10), "nine ahead of the next")
            #expect(!(try bench.accepts(host, counter + 5)), "one that was passed over")
            #expect(try bench.accepts(host, counter + 11))
        }
    }

    @Test(arguments: verifying)
    func `it is listed as what it is, and computes nothing`(_ subject: Subject) throws {
        let bench = try bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        try bench.write(try Self.host())
        let before = bench.key.snapshot
        try bench.with { session in
            let stored = try session.list()
            #expect(stored.map(\.kind) == [.totp(period: 30), .reverseHOTP])
            #expect(stored.map(\.name) == ["Example:alice", "Boot check"])
            #expect(stored.last?.algorithm == .sha1)
            #expect(try session.codes(at: 59).map(\.credential.account) == ["alice"])
            let host = try #require(stored.last)
            #expect(throws: DeviceError.notSupported(.checksCodesOnly)) { try session.code(for: host, at: 59) }
            let verifying = try #require(session as? any HostVerifying)
            let other = try #require(stored.first)
            #expect(throws: DeviceError.notSupported(.otherDirection)) { try verifying.accepts(code: 1, of: other) }
        }
        #expect(bench.key.snapshot == before)
    }

    @Test(arguments: verifying)
    func `it is renamed and deleted as others are`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let host = try Self.host()
        try bench.write(host)
        try bench.with { session in
            let stored = try #require(try session.list().first)
            try session.rename(stored, to: Label(issuer: nil, account: "Laptop"))
        }
        #expect(try bench.names() == ["Laptop"])
        try bench.with { session in try session.delete(try #require(try session.list().first)) }
        #expect(try bench.names().isEmpty)
    }

    /// The report descriptor; INIT, SELECT, the PIN and the names in use, the PIN and PUT, the proof, out and in.
    @Test(arguments: verifying)
    func `a write takes no exchange without a reason`(_ subject: Subject) throws {
        let bench = try bench(subject)
        bench.key.touch = .after(.zero)
        try bench.write(try Self.host())
        #expect(bench.key.transferCount == 1 + 2 * 7)
        #expect(bench.key.touchCount == 2)
    }

    // MARK: Names in use

    @Test(arguments: verifying)
    func `a secret is overwritten only when asked for, and then by its like`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let (old, new) = try (Self.host(), Self.host(seed: 0x51))
        try bench.write(old)
        let before = bench.key.snapshot
        #expect(throws: DeviceError.alreadyExists) { try bench.write(new) }
        for replaces in [false, true] {
            let error = replaces ? DeviceError.notSupported(.otherDirection) : .alreadyExists
            #expect(throws: error) {
                try bench.enroll(try Samples.totp("Boot check", issuer: nil), replaces: replaces)
            }
        }
        #expect(bench.key.snapshot == before)
        #expect(try bench.write(new, replaces: true) == .accepted)
        #expect(!(try bench.accepts(old, 1)))
        #expect(try bench.accepts(new, 1))
        #expect(try bench.names() == ["Boot check"])
    }

    @Test(arguments: verifying)
    func `a credential that the key computes with is never overwritten`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let credential = try Samples.totp("Boot check", issuer: nil)
        try bench.enroll(credential)
        let before = bench.key.snapshot
        #expect(throws: DeviceError.alreadyExists) { try bench.write(try Self.host()) }
        #expect(throws: DeviceError.notSupported(.otherDirection)) {
            try bench.write(try Self.host(), replaces: true)
        }
        #expect(bench.key.snapshot == before)
    }

    // MARK: Refusals

    @Test(arguments: verifying)
    func `what the key cannot hold is refused before any transfer`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let session = try #require(try bench.open() as? any HostVerifying)
        defer { session.close() }
        let transfers = bench.key.transferCount
        let refused: [(HostCredential, WriteOptions)] = try [
            (Self.host(.sha512), WriteOptions()), (Self.host(digits: 7), WriteOptions()),
            (Self.host(), WriteOptions(slot: 1)), (Self.host(counter: subject.features.maxCounter + 1), WriteOptions()),
            (Self.host(account: String(repeating: "n", count: 65)), WriteOptions()),
        ]
        for (host, options) in refused {
            var enrollment = HostEnrollment(host, options: options)
            #expect { try enrollment.run(on: session) } throws: { error in
                if case DeviceError.notSupported = error { true } else { false }
            }
            #expect(enrollment.progress == .planned)
        }
        var enrollment = HostEnrollment(try Self.host())
        #expect(throws: DeviceError.pinRequired(.user)) { try enrollment.run(on: session) }
        session.close()
        #expect(try bench.names().isEmpty)
        #expect(bench.key.touchCount == 0)
        #expect(transfers > 0)
    }

    @Test(arguments: verifying)
    func `a key without a PIN is refused before any transfer`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let session = try #require(try bench.open() as? any HostVerifying)
        defer { session.close() }
        let transfers = bench.key.transferCount
        var enrollment = HostEnrollment(try Self.host())
        #expect(throws: DeviceError.pinNotSet(.user)) { try enrollment.run(on: session) }
        #expect(bench.key.transferCount == transfers)
    }

    @Test(arguments: verifying)
    func `a wrong PIN costs one try and writes nothing`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let session = try #require(try bench.open() as? any HostVerifying & PINProvisioning)
        defer { session.close() }
        let left = try #require(try session.triesLeft(of: .user))
        try session.use(Secret("4321"), as: .user)
        var enrollment = HostEnrollment(try Self.host())
        #expect(throws: DeviceError.wrongPIN(.user, triesLeft: left - 1)) { try enrollment.run(on: session) }
        #expect(throws: DeviceError.pinRequired(.user)) { try enrollment.run(on: session) }
        #expect(try session.list().isEmpty)
        try session.use(Secret(Self.pin), as: .user)
        #expect(try enrollment.run(on: session) == .accepted)
        session.close()
        try bench.with { session in
            let session = try #require(session as? any PINProvisioning)
            #expect(try session.triesLeft(of: .user) == left)
        }
    }

    @Test(arguments: verifying)
    func `a full key says so`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let capacity = try bench.with { try #require($0.capacity) }
        for number in 0..<capacity { try bench.enroll(try Samples.totp("account \(number)")) }
        #expect(throws: DeviceError.full(capacity: capacity)) { try bench.write(try Self.host()) }
    }

    // MARK: Touch and PIN

    @Test(arguments: verifying)
    func `a secret with touch is checked at one`(_ subject: Subject) throws {
        let bench = try bench(subject)
        let host = try Self.host()
        var steps: [EnrollmentStep] = []
        try bench.with { session in
            try (session as? any PINProvisioning)?.use(Secret(Self.pin), as: .user)
            let verifying = try #require(session as? any HostVerifying)
            var enrollment = HostEnrollment(host, options: WriteOptions(touch: true))
            #expect(try enrollment.run(on: verifying) { steps.append($0) } == .accepted)
        }
        #expect(steps == [.checkingNames, .writing, .confirming, .touch])
        let touches = bench.key.touchCount
        #expect(try bench.accepts(host, 1))
        #expect(bench.key.touchCount == touches + 1)
        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) { try bench.accepts(host, 2) }
    }

    @Test(arguments: verifying, [UInt64(0), 1])
    func `a secret under the PIN is checked after it`(_ subject: Subject, _ counter: UInt64) throws {
        let bench = try bench(subject)
        let host = try Self.host(counter: counter)
        try bench.write(host, WriteOptions(pin: true))
        #expect(try bench.names().isEmpty)
        try bench.with { session in
            try (session as? any PINProvisioning)?.use(Secret(Self.pin), as: .user)
            let session = try #require(session as? any HostVerifying)
            let stored = try #require(try session.list().first)
            for next in [counter, counter + 1] {
                let code = try Self.code(of: host, next)
                #expect(try session.accepts(code: code, of: stored))
            }
        }
    }

    @Test(arguments: verifying)
    func `without a touch for the PIN nothing is written`(_ subject: Subject) throws {
        let bench = try bench(subject)
        bench.key.touch = .never
        let before = bench.key.snapshot
        #expect(throws: DeviceError.touchTimedOut) { try bench.write(try Self.host()) }
        #expect(bench.key.snapshot == before)
    }

    // MARK: Faults

    /// Whatever a transfer brings, the error is ours, nothing else on the key suffers, and the next run repairs the rest.
    @Test(arguments: verifying, Fault.allCases)
    func `every transfer fails once`(_ subject: Subject, _ fault: Fault) throws {
        let old = try Samples.totp("old")
        let start = try bench(subject)
        try start.enroll(old)
        try start.write(try Self.host(seed: 0x51))
        let undisturbed = try Bench(subject, memory: start.key.snapshot)
        let host = try Self.host(counter: 5)
        try undisturbed.write(host, replaces: true)
        let transfers = undisturbed.key.transferCount
        #expect(transfers >= 12)
        for number in 1...transfers {
            let bench = try Bench(subject, memory: start.key.snapshot)
            bench.key.faults = FaultPlan(fault, atTransfer: number)
            let outcome = Result { try bench.write(host, replaces: true) }
            bench.key.faults = .none
            if !bench.key.isPlugged { bench.key.plug() }
            switch outcome {
            case .success: #expect(try bench.accepts(host, 5), "transfer \(number)")
            case .failure(let error): #expect(error is DeviceError, "transfer \(number)")
            }
            #expect(try bench.code(of: old) == .code(OneTimePassword.code(for: old, at: 59)), "transfer \(number)")
            #expect(try bench.write(host, replaces: true) == .accepted, "transfer \(number)")
            #expect(try bench.accepts(host, 5), "transfer \(number)")
        }
    }

    // MARK: Answers

    /// Firmware that makes guessing slow answers as if it had not been touched.
    @Test func `a key that wants a rest is not said to want a touch`() throws {
        let (session, stored, _) = try scripted(flags: 0, answers: [[0x69, 0x82]])
        #expect(throws: DeviceError.tooSoonAfterWrongCode) { try session.accepts(code: 1, of: stored) }
        let (other, touched, touches) = try scripted(flags: 1, answers: [[0x69, 0x82]])
        #expect(throws: DeviceError.touchTimedOut) { try other.accepts(code: 1, of: touched) }
        #expect(touches() == 1)
    }

    /// Only the one answer that says yes is a yes.
    @Test func `cut and changed answers end in an error or a no`() throws {
        let yes: [UInt8] = [0x77, 0x00, 0x90, 0x00]
        let (session, stored, _) = try scripted(flags: 0, answers: [yes])
        #expect(try session.accepts(code: 1, of: stored))
        var generator = SeededGenerator(seed: 30)
        let damaged =
            (0..<yes.count).map { Array(yes.prefix($0)) } + (0..<256).map { _ in mutated(yes, using: &generator) }
        for answer in damaged where answer != yes {
            let (session, stored, _) = try scripted(flags: 0, answers: [answer])
            let isAccepted = try? session.accepts(code: 1, of: stored)
            #expect(isAccepted != true, "\(answer)")
        }
    }

    /// A session with a key that lists one computer's secret and then answers as the script has it.
    private func scripted(
        flags: UInt8, answers: [[UInt8]]
    ) throws -> (any HostVerifying, StoredCredential, touches: () -> Int) {
        let selected: [UInt8] = [0x79, 3, 4, 14, 0, 0x82, 1, 8, 0x8F, 4, 0x99, 0, 0, 1]
        let list: [UInt8] = [0x72, 4, 0x31] + Array("pc".utf8) + [flags]
        let card = AnsweringCard(answers: [selected, list].map { $0 + [0x90, 0x00] } + answers)
        let app = try SecretsApp(channel: APDUChannel(connection: card), continuation: 0xA5)
        let location = try #require(USBLocation("1-1"))
        let device = DeviceInfo(
            family: "nitrokey3", model: "Nitrokey 3", serial: nil, firmware: nil, location: location)
        let touches = Touches()
        let session = Nitrokey3Session(device: device, app: app, onTouch: { touches.count += 1 })
        let stored = try #require(try session.list().first)
        return (session, stored, { touches.count })
    }

    // MARK: Parts

    private func bench(_ subject: Subject) throws -> Bench {
        let bench = try Bench(subject)
        _ = bench.key.withChip(Nitrokey3Chip.self) { $0.setPIN(Array(Self.pin.utf8)) }
        return bench
    }

    private static func host(
        account: String = "Boot check", counter: UInt64 = 1, _ algorithm: HashAlgorithm = .sha1, digits: Int = 6,
        seed: UInt8 = 0x31
    ) throws -> HostCredential {
        try HostCredential(
            label: Label(issuer: nil, account: account), counter: counter, algorithm: algorithm, digits: digits,
            secret: Samples.secret(seed))
    }

    fileprivate static func code(of host: HostCredential, _ counter: UInt64) throws -> UInt32 {
        try #require(UInt32(try OneTimePassword.code(for: host.credential, counter: counter)))
    }
}

private final class Touches {
    var count = 0
}

extension Bench {
    /// Writes in a session of its own, after the PIN.
    @discardableResult
    fileprivate func write(
        _ host: HostCredential, _ options: WriteOptions = WriteOptions(), replaces: Bool = false
    ) throws -> Verification {
        try with { session in
            try (session as? any PINProvisioning)?.use(Secret("1234"), as: .user)
            var enrollment = HostEnrollment(host, options: options, replaces: replaces)
            return try enrollment.run(on: try #require(session as? any HostVerifying))
        }
    }

    fileprivate func accepts(_ host: HostCredential, _ counter: UInt64) throws -> Bool {
        try with { session in
            let stored = try #require(
                try session.list().first { $0.kind == .reverseHOTP && $0.account == host.label.account })
            let code = try HostVerifyingTests.code(of: host, counter)
            return try #require(session as? any HostVerifying).accepts(code: code, of: stored)
        }
    }
}
