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
        let applications = Catalog.entries.flatMap { entry in
            entry.family.usbIDs.map { "\($0), \(entry.family.features.slots == nil ? "names" : "slots")" }
        }
        #expect(Set(applications).count == applications.count, "nothing tells two families with one id apart")
        let names = Catalog.virtualModels.map(\.name)
        #expect(Set(names).count == names.count)
    }

    // MARK: Identity

    @Test(arguments: Subject.all)
    func descriptorsTellTheFamily(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let description = try #require(try bench.host.devices().first)
        #expect(subject.family.usbIDs.contains(description.device.id))
        let slot = subject.features.slots?.lowerBound
        #expect(try #require(Catalog.recognize(description, slot: slot)).family.name == subject.family.name)
        #expect(try #require(subject.family.recognize(description)).obstacle == nil)
    }

    @Test(arguments: Subject.named)
    func withoutASlotTheFamilyThatKeepsNamesIsTaken(_ subject: Subject) throws {
        let description = try #require(try Bench(subject).host.devices().first)
        #expect(try #require(Catalog.recognize(description)).family.name == subject.family.name)
    }

    @Test(arguments: Subject.all)
    func theKeyTellsModelSerialAndFirmware(_ subject: Subject) throws {
        try Bench(subject).with { session in
            #expect(session.device.family == subject.family.name)
            #expect(session.device.model == subject.model.productName)
            #expect(session.device.serial == subject.habits.serial)
            let firmware = subject.habits.tellsFirmware ? subject.model.firmware.description : nil
            #expect(session.device.firmware?.description == firmware)
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
            Samples.totp("eight of SHA1", digits: 8, period: 60), Samples.totp("seven", digits: 7),
            Samples.totp("no issuer", issuer: nil), Samples.totp("short", secret: Samples.secret(count: 5)),
            Samples.totp("long", secret: Samples.secret(count: 100)), Samples.totp("ключ 鍵 🔑"),
            Samples.totp(String(repeating: "n", count: 56)),
        ].filter(subject.takes)
        #expect(credentials.count >= 5)
        let proof = try #require(subject.proof(of: .totp(period: 30)))
        for (index, credential) in credentials.enumerated() {
            let place = subject.place(index)
            #expect(try bench.enroll(credential, place, replaces: place.slot != nil) == proof)
            for time in [59, 1_111_111_109, 7_680, 20_000_000_000] as [UInt64] {
                let expected = try OneTimePassword.code(for: credential, at: time)
                #expect(
                    try bench.code(of: credential, place, at: time) == .code(expected), "\(credential.label.text)")
            }
        }
        #expect(try bench.names().count == min(credentials.count, subject.slots?.count ?? .max))
    }

    /// The server starts at the counter of the credential, so that is the first code that the key may give.
    @Test(arguments: Subject.all, [0, 1, 5, 16, 0xFFFF0, UInt64(UInt32.max)])
    func theProofLeavesTheCounterWhereTheServerStarts(_ subject: Subject, _ counter: UInt64) throws {
        for digits in subject.features.hotp?.digits ?? [Credential.defaultDigits] {
            let bench = try Bench(subject)
            let credential = try Samples.hotp("counting", counter: counter, digits: digits)
            guard subject.takes(credential) else {
                #expect(throws: DeviceError.self) { try bench.enroll(credential) }
                #expect(try bench.names().isEmpty)
                continue
            }
            #expect(try bench.enroll(credential) == subject.proof(of: credential.kind))
            for next in counter...min(counter + 2, UInt64(UInt32.max)) {
                let expected = try OneTimePassword.code(for: credential, counter: next)
                #expect(try bench.code(of: credential) == .code(expected), "counter \(next)")
            }
        }
    }

    @Test(arguments: Subject.named.filter { !$0.features.approvesOnDisplay })
    func allCodesComeAtOnce(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let (thirty, sixty) = try (Samples.totp("thirty"), Samples.totp("sixty", digits: 8, period: 60))
        let counting = try Samples.hotp("counting", counter: 3)
        for credential in [thirty, sixty, counting].filter(subject.takes) { try bench.enroll(credential) }
        let codes = try bench.with { try $0.codes(at: 1_111_111_109) }
        let values = Dictionary(uniqueKeysWithValues: codes.map { ($0.credential.account, $0.value) })
        #expect(values["thirty"] == .code(try OneTimePassword.code(for: thirty, at: 1_111_111_109)))
        #expect(values["sixty"] == .code(try OneTimePassword.code(for: sixty, at: 1_111_111_109)))
        guard subject.takes(counting) else { return }
        #expect(values["counting"] == .stepsCounter)
        let expected = try OneTimePassword.code(for: counting, counter: 3)
        #expect(try bench.code("Example:counting") == .code(expected), "listing codes stepped the counter")
    }

    // MARK: Names

    @Test(arguments: Subject.all)
    func aPlaceInUseIsRefusedAndKeepsItsSecret(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let first = try Samples.totp("alice")
        try bench.enroll(first)
        let before = bench.key.snapshot
        let second = try Samples.totp("alice", secret: Samples.secret(0x61))
        #expect(throws: DeviceError.alreadyExists) { try bench.enroll(second) }
        #expect(bench.key.snapshot == before)
        #expect(try bench.enroll(second, replaces: true) == subject.proof(of: .totp(period: 30)))
        #expect(try bench.code(of: second) == .code(OneTimePassword.code(for: second, at: 59)))
        #expect(try bench.names() == [bench.name(of: first)])
    }

    @Test(arguments: Subject.all)
    func deletingTakesOneAndOnlyOne(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let count = min(subject.slots?.count ?? 3, 3)
        let credentials = try (0..<count).map { try Samples.totp("account \($0)") }
        for (index, credential) in credentials.enumerated() { try bench.enroll(credential, subject.place(index)) }
        let names = credentials.enumerated().map { bench.name(of: $1, subject.place($0)) }
        try bench.with { session in
            let stored = try bench.find(credentials[1], subject.place(1), session)
            try session.delete(stored)
            #expect(throws: DeviceError.noSuchCredential) { try session.delete(stored) }
        }
        #expect(Set(try bench.names()) == Set(names).subtracting([names[1]]))
        let first = try #require(credentials.first)
        #expect(try bench.code(of: first) == .code(OneTimePassword.code(for: first, at: 59)))
    }

    @Test(arguments: Subject.all)
    func renamingKeepsTheSecretWhereTheKeyCan(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let period = subject.features.totp?.periods?.last ?? 60
        let credential = try Samples.totp("old", period: period)
        let renamed = try Credential(
            label: Label(issuer: "Other", account: "new"), kind: credential.kind, secret: credential.secret)
        try bench.enroll(credential)
        let canRename = subject.features.renaming.isGiven(by: subject.firmware)
        try bench.with { session in
            let stored = try #require(try session.list().first)
            if canRename {
                try session.rename(stored, to: renamed.label)
            } else {
                #expect(throws: DeviceError.self) { try session.rename(stored, to: renamed.label) }
            }
        }
        let expected = try OneTimePassword.code(for: credential, at: 59)
        #expect(try bench.code(of: canRename ? renamed : credential) == .code(expected))
        #expect(try bench.names() == [bench.name(of: canRename ? renamed : credential)])
    }

    /// A key that tells no codes says so, and does not make one up.
    @Test(arguments: Subject.all.filter { !$0.tellsCodes })
    func aKeyThatTellsNoCodesSaysSo(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("shown to people")
        try bench.enroll(credential)
        try bench.with { session in
            let stored = try bench.find(credential, subject.place(0), session)
            #expect(throws: DeviceError.notSupported(.codesOnKeyOnly)) { try session.code(for: stored, at: 59) }
            #expect(try session.codes(at: 59).map(\.value) == [.onDeviceOnly])
        }
    }

    // MARK: Limits

    @Test(arguments: Subject.named)
    func aFullKeySaysSoAndLosesNothing(_ subject: Subject) throws {
        let bench = try Bench(subject)
        var written = 0
        let outcome = Result {
            for number in 0..<300 {
                try bench.enroll(try Samples.totp("account number \(number) with a long name"))
                written += 1
            }
        }
        #expect(written >= subject.habits.fewestCredentials)
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
        #expect(
            try bench.enroll(first, replaces: true) == subject.proof(of: .totp(period: 30)), "overwriting needs no room"
        )
    }

    @Test(arguments: Subject.all)
    func whatTheKeyCannotHoldIsRefusedBeforeAnyTransfer(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let impossible = try Self.impossible(subject)
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

    @Test(arguments: Subject.all.filter { $0.features.slots == nil })
    func theRoomThatIsToldOfAFamilyIsTheRoomThatThereIs(_ subject: Subject) throws {
        try Bench(subject).with { session in
            #expect(session.capacity == subject.features.capacity(of: subject.firmware))
        }
    }

    // MARK: Touch

    @Test(arguments: Subject.all.filter(\.hasTouch))
    func aTouchCredentialIsProvenByATouch(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("touch me")
        var steps: [EnrollmentStep] = []
        try bench.with { session in
            var enrollment = Enrollment(credential, options: subject.place(0, touch: true))
            let verification = try enrollment.run(on: session) { steps.append($0) }
            #expect(verification == subject.proof(of: .totp(period: 30)))
        }
        let confirms = subject.habits.confirmsTouch
        #expect(steps == [.checkingNames, .writing] + (confirms ? [.confirming] : []) + [.touch])
        #expect(bench.key.touchCount == (confirms ? 2 : 1))
        #expect(try bench.with { try $0.codes(at: 59) }.map(\.value) == [.needsTouch])
        #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))

        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) { try bench.code(of: credential) }
    }

    @Test(arguments: Subject.all.filter(\.hasTouch))
    func withoutATouchNothingIsCalledProven(_ subject: Subject) throws {
        let bench = try Bench(subject)
        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) {
            try bench.enroll(try Samples.totp("touch me"), subject.place(0, touch: true))
        }
    }

    // MARK: Access code

    @Test(arguments: Subject.named.filter { $0.features.accessCode == .application })
    func aLockedKeyOpensToItsCodeOnly(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("locked in")
        try bench.enroll(credential)
        try lock(bench, "correct horse")

        try bench.with { session in
            #expect(session.isLocked)
            #expect(throws: DeviceError.accessCodeRequired) { try session.list() }
            #expect(throws: DeviceError.wrongAccessCode(triesLeft: nil)) {
                try session.unlock(accessCode: Secret("wrong"))
            }
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
        guard !subject.habits.worksWhileHeld else {
            #expect(try bench.enroll(try Samples.totp("past the holder")) == subject.features.totp?.proof)
            return
        }
        #expect {
            try bench.open()
        } throws: { error in
            guard case DeviceError.connection(.usb(let usb), during: .connecting) = error,
                case .claim = usb.operation
            else { return false }
            return usb.code == .busy
        }
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
