import ByteBuffers
import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// What every family has to keep, on each of its virtual models. A new catalog line gets these for free.
@Suite struct FamilyConformanceTests {
    typealias Subject = Bench.Subject

    @Test func everyFamilyHasAVirtualModelAndItsOwnIDs() {
        #expect(!Catalog.entries.isEmpty)
        for entry in Catalog.entries { #expect(!entry.virtualModels.isEmpty, "\(entry.family.name)") }
        let ids = Catalog.entries.flatMap(\.family.usbIDs)
        #expect(Set(ids).count == ids.count, "one id in two families")
        let names = Catalog.virtualModels.map(\.name)
        #expect(Set(names).count == names.count)
    }

    // MARK: Identity

    @Test(arguments: Subject.all)
    func descriptorsTellTheFamily(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let description = try #require(try bench.host.devices().first)
        #expect(subject.family.usbIDs.contains(description.device.id))
        #expect(try #require(Catalog.recognize(description)).family.name == subject.family.name)
        #expect(try #require(subject.family.recognize(description)).obstacle == nil)
    }

    @Test(arguments: Subject.all)
    func theKeyTellsModelSerialAndFirmware(_ subject: Subject) throws {
        try Bench(subject).with { session in
            #expect(session.device.family == subject.family.name)
            #expect(session.device.model == subject.model.productName)
            #expect(session.device.serial == "99000001")
            #expect(session.device.firmware?.description == subject.model.firmware.description)
            #expect(session.device.location == USBLocation("1-1"))
            #expect(!session.isLocked)
        }
    }

    // MARK: Write, prove, compute

    @Test(arguments: Subject.all)
    func aFreshCredentialComputesAsTheHostDoes(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credentials = try [
            Samples.totp("six"), Samples.totp("eight", .sha256, digits: 8, period: 60),
            Samples.totp("seven", digits: 7),
            Samples.totp("no issuer", issuer: nil), Samples.totp("short", secret: Samples.secret(count: 5)),
            Samples.totp("long", secret: Samples.secret(count: 100)), Samples.totp("ключ 鍵 🔑"),
            Samples.totp(String(repeating: "n", count: 56)),
        ]
        for credential in credentials {
            #expect(try bench.enroll(credential) == .full)
            for time in [59, 1_111_111_109, 20_000_000_000] as [UInt64] {
                let expected = try OneTimePassword.code(for: credential, at: time)
                #expect(try bench.code(credential.label.text, at: time) == .code(expected), "\(credential.label.text)")
            }
        }
        #expect(try bench.names().count == credentials.count)
    }

    /// The server starts at the counter of the credential, so that is the first code that the key may give.
    @Test(arguments: Subject.all, [0, 1, 5, UInt64(UInt32.max)])
    func theProofLeavesTheCounterWhereTheServerStarts(_ subject: Subject, _ counter: UInt64) throws {
        let bench = try Bench(subject)
        let credential = try Samples.hotp("counting", counter: counter)
        #expect(try bench.enroll(credential) == .full)
        for next in counter...min(counter + 2, UInt64(UInt32.max)) {
            let expected = try OneTimePassword.code(for: credential, counter: next)
            #expect(try bench.code("Example:counting") == .code(expected), "counter \(next)")
        }
    }

    @Test(arguments: Subject.all)
    func allCodesComeAtOnce(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let (thirty, sixty) = try (Samples.totp("thirty"), Samples.totp("sixty", digits: 8, period: 60))
        for credential in [thirty, sixty, try Samples.hotp("counting", counter: 3)] { try bench.enroll(credential) }
        let codes = try bench.with { try $0.codes(at: 1_111_111_109) }
        let values = Dictionary(uniqueKeysWithValues: codes.map { ($0.credential.account, $0.value) })
        #expect(values["thirty"] == .code(try OneTimePassword.code(for: thirty, at: 1_111_111_109)))
        #expect(values["sixty"] == .code(try OneTimePassword.code(for: sixty, at: 1_111_111_109)))
        #expect(values["counting"] == .stepsCounter)
        let expected = try OneTimePassword.code(for: try Samples.hotp("counting", counter: 3), counter: 3)
        #expect(try bench.code("Example:counting") == .code(expected), "listing codes stepped the counter")
    }

    // MARK: Names

    @Test(arguments: Subject.all)
    func aNameInUseIsRefusedAndKeepsItsSecret(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        let before = bench.key.snapshot
        let second = try Samples.totp("alice", secret: Samples.secret(0x61))
        #expect(throws: DeviceError.alreadyExists) { try bench.enroll(second) }
        #expect(bench.key.snapshot == before)
        #expect(try bench.enroll(second, replaces: true) == .full)
        #expect(try bench.code("Example:alice") == .code(OneTimePassword.code(for: second, at: 59)))
        #expect(try bench.names() == ["Example:alice"])
    }

    @Test(arguments: Subject.all)
    func deletingTakesOneAndOnlyOne(_ subject: Subject) throws {
        let bench = try Bench(subject)
        for account in ["a", "b", "c"] { try bench.enroll(try Samples.totp(account)) }
        try bench.with { session in
            let stored = try #require(try session.list().first { $0.account == "b" })
            try session.delete(stored)
            #expect(throws: DeviceError.noSuchCredential) { try session.delete(stored) }
        }
        #expect(Set(try bench.names()) == ["Example:a", "Example:c"])
    }

    @Test(arguments: Subject.all)
    func renamingKeepsTheSecretWhereTheFirmwareCan(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("old", period: 60)
        try bench.enroll(credential)
        let canRename = OATHFeature.rename.minimum <= Version(bytes: subject.model.firmware.bytes) ?? Version(0, 0, 0)
        try bench.with { session in
            let stored = try #require(try session.list().first)
            let label = try Label(issuer: "Other", account: "new")
            if canRename {
                try session.rename(stored, to: label)
            } else {
                #expect(throws: DeviceError.self) { try session.rename(stored, to: label) }
            }
        }
        let name = canRename ? "Other:new" : "Example:old"
        #expect(try bench.code(name) == .code(OneTimePassword.code(for: credential, at: 59)))
    }

    // MARK: Limits

    @Test(arguments: Subject.all)
    func aFullKeySaysSoAndLosesNothing(_ subject: Subject) throws {
        let bench = try Bench(subject)
        var written = 0
        let outcome = Result {
            for number in 0..<100 {
                try bench.enroll(try Samples.totp("account number \(number) with a long name"))
                written += 1
            }
        }
        #expect(written >= 20)
        guard case .failure(let error as DeviceError) = outcome, case .full(let capacity) = error else {
            Issue.record("the key was never full: \(outcome)")
            return
        }
        #expect(try bench.names().count == written)
        let first = try Samples.totp("account number 0 with a long name")
        #expect(try bench.code(first.label.text) == .code(OneTimePassword.code(for: first, at: 59)))
        // A NEO counts bytes and looks for room before it looks for the name.
        guard let capacity else { return }
        #expect(capacity == written)
        #expect(try bench.enroll(first, replaces: true) == .full, "overwriting needs no room")
    }

    @Test(arguments: Subject.all)
    func whatTheKeyCannotHoldIsRefusedBeforeAnyTransfer(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let firmware = Version(bytes: subject.model.firmware.bytes) ?? Version(0, 0, 0)
        var impossible: [(Credential, WriteOptions)] = try [
            (Samples.totp(String(repeating: "n", count: 57)), WriteOptions()),
            (Samples.totp(String(repeating: "é", count: 30)), WriteOptions()),
            (Samples.hotp("counting", counter: UInt64(UInt32.max) + 1), WriteOptions()),
            (Samples.totp("60/ambiguous", issuer: nil), WriteOptions()),
            (Samples.totp("slot"), WriteOptions(slot: 1)),
        ]
        if firmware < OATHFeature.sha512.minimum {
            impossible.append((try Samples.totp("sha512", .sha512), WriteOptions()))
        }
        if firmware < OATHFeature.touch.minimum {
            impossible.append((try Samples.totp("touch"), WriteOptions(touch: true)))
        }
        let session = try bench.open()
        defer { session.close() }
        let transfers = bench.key.transferCount
        for (credential, options) in impossible {
            var enrollment = Enrollment(credential, options: options)
            do throws(DeviceError) {
                _ = try enrollment.run(on: session)
                Issue.record("took \(credential.label.text)")
            } catch {
                guard case .notSupported = error else {
                    Issue.record("\(credential.label.text): \(error)")
                    continue
                }
            }
            #expect(enrollment.progress == .planned)
            #expect(bench.key.transferCount == transfers)
        }
        session.close()
        #expect(try bench.names().isEmpty)
    }

    // MARK: Touch

    @Test(arguments: Subject.all.filter { $0.model.firmware >= VirtualModel.Firmware(4, 2, 4) })
    func aTouchCredentialIsProvenByATouch(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("touch me")
        var steps: [EnrollmentStep] = []
        try bench.with { session in
            var enrollment = Enrollment(credential, options: WriteOptions(touch: true))
            let verification = try enrollment.run(on: session) { steps.append($0) }
            #expect(verification == .full)
        }
        #expect(steps == [.checkingNames, .writing, .touch])
        #expect(bench.key.touchCount == 1)
        #expect(try bench.with { try $0.codes(at: 59) }.map(\.value) == [.needsTouch])
        #expect(try bench.code("Example:touch me") == .code(OneTimePassword.code(for: credential, at: 59)))

        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) { try bench.code("Example:touch me") }
    }

    @Test(arguments: Subject.all.filter { $0.model.firmware >= VirtualModel.Firmware(4, 2, 4) })
    func withoutATouchNothingIsCalledProven(_ subject: Subject) throws {
        let bench = try Bench(subject)
        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) {
            try bench.enroll(try Samples.totp("touch me"), WriteOptions(touch: true))
        }
    }

    // MARK: Access code

    @Test(arguments: Subject.all)
    func aLockedKeyOpensToItsCodeOnly(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("locked in")
        try bench.enroll(credential)
        try lock(bench, "correct horse")

        try bench.with { session in
            #expect(session.isLocked)
            #expect(throws: DeviceError.accessCodeRequired) { try session.list() }
            #expect(throws: DeviceError.wrongAccessCode) { try session.unlock(accessCode: Secret("wrong")) }
            #expect(session.isLocked)
        }
        #expect(throws: DeviceError.accessCodeRequired) { try bench.enroll(try Samples.totp("another")) }
        try bench.with { session in
            try session.unlock(accessCode: Secret("correct horse"))
            #expect(!session.isLocked)
            let stored = try #require(try session.list().first)
            #expect(
                try session.code(for: stored, at: 59).value == .code(OneTimePassword.code(for: credential, at: 59)))
        }
        try bench.with { session in #expect(session.isLocked, "closing did not lock the key again") }
    }

    // MARK: Other processes

    @Test(arguments: Subject.all)
    func aKeyThatIsHeldIsBusyAndNothingElse(_ subject: Subject) throws {
        let bench = try Bench(subject)
        bench.key.heldInterfaces = Set(0...5)
        #expect(
            throws: DeviceError.connection(.usb(USBError(.busy, during: .claim(interface: 2))), during: .connecting)
        ) { try bench.open() }
        bench.key.heldInterfaces = []
        #expect(try bench.names().isEmpty)
    }

    @Test(arguments: Subject.all)
    func withoutPermissionTheErrorIsAboutOpening(_ subject: Subject) throws {
        let bench = try Bench(subject)
        bench.key.deniesAccess = true
        #expect(throws: DeviceError.opening(USBError(.access, during: .open))) { try bench.open() }
    }

    /// No setting of an access code is on the command line yet, so the test sets it below the session.
    private func lock(_ bench: Bench, _ code: String) throws {
        let description = try #require(try bench.host.devices().first)
        let connection = try CCIDConnection(
            device: try bench.host.open(description), configuration: description.configuration)
        let session = try OATHSession(channel: APDUChannel(connection: connection))
        try session.setAccessKey(session.accessKey(for: Secret(code)), challenge: [1, 2, 3, 4, 5, 6, 7, 8])
        session.close()
    }
}
