import ByteBuffers
import SecretFormats
import Synchronization
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// What is a Mooltipass BLE's own among the families.
@Suite struct MooltipassFamilyTests {
    private func bench(_ model: String = "mooltipass") throws -> Bench {
        try Bench(try #require(Bench.Subject.all.first { $0.model.name == model }))
    }

    private func change(_ bench: Bench, _ body: (inout MooltipassChip) -> Void) {
        _ = bench.key.withChip(MooltipassChip.self) { body(&$0) }
    }

    private func flash(_ bench: Bench) throws -> MooltipassFlash {
        try #require(bench.key.withChip(MooltipassChip.self) { $0.flash })
    }

    /// A login without a TOTP, with bytes where its password is.
    private func addLogin(_ login: String, under service: String, to bench: Bench) throws -> UInt16 {
        let (service, login) = (Array(service.utf16), Array(login.utf16))
        let totp = MooltipassFlash.TOTP(secret: [1], digits: 6, period: 30, hash: 0)
        return try #require(
            bench.key.withChip(MooltipassChip.self) { chip -> UInt16? in
                guard chip.flash.store(totp, service: service, login: login),
                    let address = chip.flash.service(named: service).flatMap({
                        chip.flash.login(named: login, in: $0)
                    })
                else { return nil }
                chip.flash.nodes[address]?.replaceSubrange(400..<473, with: [UInt8](repeating: 0, count: 73))
                chip.flash.nodes[address]?.replaceSubrange(270..<398, with: [UInt8](repeating: 0xA5, count: 128))
                return address
            } ?? nil)
    }

    // MARK: What keeps it from answering

    @Test(arguments: [
        (MooltipassChip.Card.missing, DeviceError.cardMissing), (.unknown, .cardMissing), (.locked, .lockedOnKey),
    ])
    func aKeyWithoutItsOpenCardSaysWhyAndFreesItsInterface(
        _ card: MooltipassChip.Card, _ error: DeviceError
    ) throws {
        let bench = try bench()
        change(bench) { $0.card = card }
        #expect(throws: error) { try bench.open() }
        #expect(bench.key.kernelDriverAttached(0))
        #expect(bench.key.withChip(MooltipassChip.self) { $0.clock == nil } == true)
    }

    /// Ending what another program began could leave its changes half done.
    @Test func managementModeOfSomebodyElseIsLeftAlone() throws {
        let bench = try bench()
        change(bench) { $0.isManaged = true }
        #expect(throws: DeviceError.managedElsewhere) { try bench.open() }
        #expect(bench.key.withChip(MooltipassChip.self) { $0.isManaged } == true)
    }

    @Test func aBusyKeyIsWaitedFor() throws {
        let bench = try bench()
        change(bench) { $0.busyAnswers = 5 }
        #expect(try bench.enroll(try Samples.totp("alice")) == .codes)
        change(bench) { $0.busyAnswers = .max }
        #expect(throws: DeviceError.occupied(during: .identifying)) { try bench.open() }
    }

    // MARK: Approvals

    /// One to look, one to write, two codes.
    @Test func anEnrollmentIsApprovedFourTimes() throws {
        let bench = try bench()
        var steps: [EnrollmentStep] = []
        try bench.with { session in
            var enrollment = Enrollment(try Samples.totp("alice"))
            #expect(try enrollment.run(on: session) { steps.append($0) } == .codes)
        }
        #expect(bench.key.touchCount == 4)
        #expect(
            steps == [.checkingNames, .writing, .approving, .proving, .approving, .awaitingNextCode, .approving])
        #expect(bench.key.withChip(MooltipassChip.self) { $0.isManaged } == false)
    }

    @Test(arguments: [TouchPolicy.never, .after(.seconds(1))])
    func whatIsNotApprovedChangesNothing(_ answer: TouchPolicy) throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"))
        let stored = try #require(try bench.with { try $0.list().first })
        let before = bench.key.snapshot
        let session = try bench.open()
        defer { session.close() }
        change(bench) { ($0.touch, $0.declines) = (answer, true) }
        #expect(throws: DeviceError.notApproved(during: .listing)) { try session.list() }
        #expect(throws: DeviceError.notApproved(during: .deleting)) { try session.delete(stored) }
        #expect(throws: DeviceError.notApproved(during: .calculating)) {
            try session.code(for: stored, at: SessionOptions().unixTime)
        }
        var enrollment = Enrollment(try Samples.totp("bob"))
        do throws(DeviceError) {
            _ = try enrollment.write(on: session)
            Issue.record("wrote")
        } catch {
            #expect(error == .notApproved(during: .writing) && !enrollment.mayHaveWritten(despite: error))
        }
        #expect(bench.key.snapshot == before)
        #expect(bench.key.withChip(MooltipassChip.self) { $0.isManaged } == false)
    }

    /// The user may have switched the question off; then codes come at once.
    @Test func aKeyThatAsksForNoCodesProvesThemAsWell() throws {
        let bench = try bench()
        change(bench) { $0.asksBeforeCodes = false }
        #expect(try bench.enroll(try Samples.totp("alice")) == .codes)
        #expect(bench.key.touchCount == 2)
    }

    // MARK: Codes

    @Test func theKeyTellsTheCodeOfNow() throws {
        let bench = try bench()
        let credential = try Samples.totp("alice", digits: 8)
        try bench.enroll(credential)
        let now = SessionOptions().unixTime
        try bench.with { session in
            let stored = try #require(try session.list().first)
            guard case .code(let code) = try session.code(for: stored, at: now).value else {
                Issue.record("no code")
                return
            }
            // Approvals take virtual seconds.
            #expect(try [0, 30].map { try OneTimePassword.code(for: credential, at: now + $0) }.contains(code))
            #expect(try session.codes(at: now).map(\.value) == [.needsApproval])
            let transfers = bench.key.transferCount
            for time in [59, now - 601, now + 700, UInt64.max] {
                #expect(throws: DeviceError.self) { try session.code(for: stored, at: time) }
            }
            #expect(bench.key.transferCount == transfers)
        }
    }

    @Test func theClockIsSetWithTheSessionAndOnlyWhereItCanStand() throws {
        let bench = try bench()
        let description = try #require(try bench.host.devices().first)
        func open(at time: UInt64) throws {
            try MooltipassBLE().openSession(
                on: try bench.host.open(description), description, options: SessionOptions(unixTime: time)
            ).close()
        }
        try open(at: 1_234_567_890)
        #expect(bench.key.withChip(MooltipassChip.self) { $0.clock?.set } == 1_234_567_890)
        let transfers = bench.key.transferCount
        for time in [0, 946_684_799, 2_966_371_200] as [UInt64] {
            #expect(throws: DeviceError.notSupported(.clockOutOfRange(2000...2063))) { try open(at: time) }
        }
        #expect(bench.key.transferCount == transfers && bench.key.kernelDriverAttached(0))
    }

    /// What happens to a key between the two codes of a proof.
    enum Change: CaseIterable {
        case otherSecret, clockFarOff, clockStoodStill
    }

    /// A key that took something else computes something else; so does one whose clock stands still or far off.
    @Test(arguments: Change.allCases)
    func aWrongCodeIsNoProof(_ kind: Change) throws {
        let bench = try bench()
        let session = try bench.open()
        defer { session.close() }
        var enrollment = Enrollment(try Samples.totp("alice"))
        var asked = 0
        #expect(throws: DeviceError.verificationFailed) {
            try enrollment.run(on: session) { step in
                guard step == .approving else { return }
                asked += 1
                // Before the second code: what the first one proved is changed behind the host's back.
                guard asked == 3 else { return }
                let now = bench.key.clock.now
                change(bench) { chip in
                    switch kind {
                    case .otherSecret:
                        let other = MooltipassFlash.TOTP(
                            secret: Array(repeating: 1, count: 20), digits: 6, period: 30, hash: 0)
                        _ = chip.flash.store(
                            other, service: Array("Example".utf16), login: Array("alice".utf16))
                    // 2000-01-01
                    case .clockFarOff: chip.clock = (946_684_800, now)
                    case .clockStoodStill: chip.clock = chip.clock.map { ($0.set, now) }
                    }
                }
            }
        }
        #expect(enrollment.progress == .written)
    }

    // MARK: Bundle 7

    @Test func beforeCodesTheLoginThatIsListedIsTheProof() throws {
        let bench = try bench("mooltipass7")
        #expect(try bench.enroll(try Samples.totp("alice")) == .labelOnly)
        let session = try bench.open()
        defer { session.close() }
        #expect(throws: DeviceError.verificationFailed) {
            _ = try session.write(try Samples.totp("bob"), WriteOptions()) { step in
                // What was written is gone before it is looked for.
                if step == .proving {
                    change(bench) { chip in
                        chip.flash = MooltipassFlash(cardKey: chip.flash.cardKey)
                    }
                }
            }
        }
    }

    // MARK: What else is in its memory

    @Test func aLoginKeepsItsPasswordThroughWriteAndDelete() throws {
        let bench = try bench()
        let address = try addLogin("alice", under: "Example", to: bench)
        let before = try #require(try flash(bench).nodes[address])
        #expect(try bench.names().isEmpty, "a login without a TOTP is no credential")
        let credential = try Samples.totp("alice")
        #expect(try bench.enroll(credential) == .codes)
        #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
        #expect(try Array(#require(flash(bench).nodes[address])[..<400]) == Array(before[..<400]))
        try bench.with { session in try session.delete(try #require(try session.list().first)) }
        #expect(try flash(bench).nodes[address] == before)
        #expect(try bench.names().isEmpty)
    }

    @Test func aLoginThatBorrowsAPasswordIsNotWrittenTo() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("lender"))
        let borrower = try addLogin("borrower", under: "Example", to: bench)
        change(bench) { chip in
            let service = chip.flash.service(named: Array("Example".utf16)) ?? 0
            let lender = chip.flash.login(named: Array("lender".utf16), in: service) ?? 0
            chip.flash.setWord(lender, at: 6, of: borrower)
        }
        let before = bench.key.snapshot
        for replaces in [false, true] {
            #expect {
                try bench.enroll(try Samples.totp("borrower"), replaces: replaces)
            } throws: { error in
                guard case DeviceError.notSupported(.feature) = error else { return false }
                return true
            }
        }
        #expect(bench.key.snapshot == before)
        #expect(try bench.names() == ["Example:lender"])
    }

    /// Later firmware takes `example.com` for a service `example` with several domains.
    @Test func aServiceThatMayStandForADomainIsNotWrittenTo() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice", issuer: "example"))
        #expect(throws: DeviceError.self) { try bench.enroll(try Samples.totp("alice", issuer: "example.com")) }
        #expect(try bench.enroll(try Samples.totp("alice", issuer: "other.com")) == .codes)
        #expect(try bench.enroll(try Samples.totp("bob", issuer: "example")) == .codes)
        #expect(try bench.names() == ["example:alice", "example:bob", "other.com:alice"])
    }

    // MARK: What goes wrong

    /// Reading, writing and leaving management mode, with a fault at each transfer: the password beside the TOTP survives, and
    /// the mode is left where the key still hears.
    @Test(arguments: [Fault.garbled, .timeout, .short, .stall, .busy])
    func aFaultSpoilsNoLoginAndLeavesNoMode(_ fault: Fault) throws {
        func prepared() throws -> (Bench, UInt16) {
            let bench = try bench()
            let address = try addLogin("alice", under: "Example", to: bench)
            change(bench) { chip in
                let totp = MooltipassFlash.TOTP(secret: [1], digits: 6, period: 30, hash: 0)
                _ = chip.flash.store(totp, service: Array("Example".utf16), login: Array("alice".utf16))
            }
            return (bench, address)
        }
        let stored = StoredCredential(
            id: MooltipassName(service: Array("Example".utf16), login: Array("alice".utf16)).bytes, isTextID: false,
            issuer: "Example", account: "alice", kind: .totp(period: 30), algorithm: .sha1)
        let (undisturbed, _) = try prepared()
        try undisturbed.with { try $0.delete(stored) }
        let count = undisturbed.key.transferCount
        #expect(count > 60)
        for number in 1...count {
            let (bench, address) = try prepared()
            let before = try #require(try flash(bench).nodes[address])
            bench.key.faults = FaultPlan(fault, atTransfer: number)
            let isDeleted = (try? bench.with { try $0.delete(stored) }) != nil
            let after = try #require(try flash(bench).nodes[address])
            #expect(after[..<400] == before[..<400] && after[473...] == before[473...], "transfer \(number)")
            if isDeleted { #expect(after[400..<473].allSatisfy { $0 == 0 }, "transfer \(number)") }
            #expect(bench.key.withChip(MooltipassChip.self) { $0.isManaged || $0.isAsking } == false, "\(number)")
        }
    }

    /// Wherever a signal comes, no question stays on the display and no mode on the key.
    @Test func aProgramThatIsStoppedTakesItsQuestionsWithIt() throws {
        var looks = 0
        var isDone = false
        while !isDone {
            looks += 1
            let bench = try bench()
            let description = try #require(try bench.host.devices().first)
            let left = Mutex(looks)
            let device = InterruptibleDevice(try bench.host.open(description)) {
                left.withLock { left in
                    left -= 1
                    return left <= 0
                }
            }
            do throws(DeviceError) {
                let session = try MooltipassBLE().openSession(on: device, description, options: SessionOptions())
                defer { session.close() }
                var enrollment = Enrollment(try credential())
                _ = try enrollment.run(on: session)
                isDone = true
            } catch {
                #expect(error.usbError?.code == .interrupted, "look \(looks)")
            }
            #expect(bench.key.withChip(MooltipassChip.self) { $0.isManaged || $0.isAsking } == false, "look \(looks)")
            #expect(bench.key.kernelDriverAttached(0))
        }
        #expect(looks > 30)
    }

    private func credential() throws(DeviceError) -> Credential {
        guard let credential = try? Samples.totp("alice") else { throw .hostCryptography }
        return credential
    }

    @Test func aCardThatIsTakenOutBetweenTheCodesEndsTheProof() throws {
        let bench = try bench()
        let session = try bench.open()
        defer { session.close() }
        var enrollment = Enrollment(try Samples.totp("alice"))
        #expect(throws: DeviceError.cardMissing) {
            try enrollment.run(on: session) { step in
                if step == .awaitingNextCode { change(bench) { $0.card = .missing } }
            }
        }
        #expect(enrollment.progress == .written && enrollment.mayHaveWritten(despite: .cardMissing))
    }

    // MARK: State file

    @Test func aStateFileMakesTheSameKeyOrNone() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"))
        let snapshot = bench.key.snapshot
        let restored = try VirtualKey(restoring: snapshot)
        #expect(restored.snapshot == snapshot)
        #expect(restored.code(name: "Example:alice", at: 59) == bench.key.code(name: "Example:alice", at: 59))
        let text = String(decoding: snapshot, as: UTF8.self)
        let twice = text.replacing("\"address\" : 257", with: "\"address\" : 256")
        #expect(twice != text)
        #expect(throws: VirtualKeyError.invalid(.credential(1))) { try VirtualKey(restoring: Array(twice.utf8)) }
        let short = text.replacing("\"cardKey\" : \"", with: "\"cardKey\" : \"00")
        #expect(throws: VirtualKeyError.invalid(.accessKey)) { try VirtualKey(restoring: Array(short.utf8)) }
    }
}
