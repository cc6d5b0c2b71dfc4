import ByteBuffers
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// What the slot family does beyond what every family does.
@Suite struct SlotFamilyTests {
    typealias Subject = Bench.Subject

    private static let code = "0a0b0c0d0e0f"
    private static let rejected = DeviceError.rejected(during: .writing, withAccessCode: false)

    // MARK: Choosing the application

    @Test func `a slot number chooses the slots, and a key without a reader has nothing else`() throws {
        let model = try #require(VirtualModel.named("yubikey5"))
        let all = VirtualKey(model: model, serial: 1).descriptors
        func family(_ product: UInt16, slot: Int? = nil) throws -> (name: String, obstacle: Recognition.Obstacle?)? {
            var device = all.deviceBytes
            device.replaceSubrange(10..<12, with: [UInt8(truncatingIfNeeded: product), UInt8(product >> 8)])
            let description = USBDeviceDescription(
                location: USBLocation(bus: 1, ports: [1]), address: 2, device: try DeviceDescriptor(parsing: device),
                configuration: all.configuration)
            return Catalog.recognize(description, slot: slot).map { ($0.family.name, $0.1.obstacle) }
        }
        let switchedOff = Recognition.Obstacle.interfaceDisabled("OTP", by: .applications)
        let expected: [(product: UInt16, family: String, withSlot: Recognition.Obstacle?)] = [
            (0x0407, "yubikey", nil), (0x0405, "yubikey", nil), (0x0116, "yubikey", nil),
            (0x0404, "yubikey", switchedOff), (0x0406, "yubikey", switchedOff),
            (0x0401, "yubikey-slots", nil), (0x0403, "yubikey-slots", nil), (0x0110, "yubikey-slots", nil),
            (0x0010, "yubikey-slots", nil), (0x0410, "yubikey-slots", nil),
        ]
        for (product, name, withSlot) in expected {
            let byDefault = try #require(try family(product))
            #expect(byDefault.name == name && byDefault.obstacle == nil)
            let chosen = try #require(try family(product, slot: 2))
            #expect(chosen.name == "yubikey-slots" && chosen.obstacle == withSlot)
        }
        #expect(try family(0x0999) == nil)
    }

    /// Each model under each id of a YubiKey: only a Pico FIDO is told by its interfaces.
    @Test(arguments: YubiKeyProduct.all.map(\.product))
    func `a Pico FIDO under the id of a YubiKey is told by its interfaces`(_ product: UInt16) throws {
        for model in VirtualModel.yubiKeys + [try #require(VirtualModel.named("picofido"))] {
            let descriptors = VirtualKey(model: model, serial: 1).descriptors
            var device = descriptors.deviceBytes
            device.replaceSubrange(
                8..<12, with: [0x50, 0x10, UInt8(truncatingIfNeeded: product), UInt8(product >> 8)])
            let description = USBDeviceDescription(
                location: USBLocation(bus: 1, ports: [1]), address: 2, device: try DeviceDescriptor(parsing: device),
                configuration: descriptors.configuration)
            for slot in [nil, 1] {
                let name = Catalog.recognize(description, slot: slot)?.family.name
                #expect((name == "picofido") == (model.name == "picofido"), "\(model.name)")
            }
        }
    }

    // MARK: Access codes

    @Test(arguments: Subject.yubiKeySlots)
    func `a protected slot opens to its code only and stays protected`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("kept")
        try enroll(bench, credential) { try $0.protectWrites(with: Secret(Self.code)) }
        let before = bench.key.snapshot

        let second = try Samples.totp("second", secret: Samples.secret(0x61))
        #expect(throws: Self.rejected) { try enroll(bench, second) }
        #expect(throws: DeviceError.rejected(during: .writing, withAccessCode: true)) {
            try enroll(bench, second) { try $0.unlock(accessCode: Secret("010203040506")) }
        }
        for text in ["", "correct horse", "0a0b0c0d0e0", "000000000000"] {
            #expect(throws: DeviceError.malformedAccessCode, "\(text)") {
                try enroll(bench, second) { try $0.unlock(accessCode: Secret(text)) }
            }
        }
        #expect(bench.key.snapshot == before)
        #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))

        for _ in 0..<2 { try enroll(bench, second) { try $0.unlock(accessCode: Secret(Self.code)) } }
        #expect(throws: Self.rejected) { try enroll(bench, credential) }
        try enroll(bench, credential) { session in
            try session.unlock(accessCode: Secret(Self.code))
            try session.protectWrites(with: nil)
        }
        try enroll(bench, second)
    }

    @Test(arguments: Subject.yubiKeySlots)
    func `a protected slot is deleted with its code only`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try enroll(bench, try Samples.totp("kept")) { try $0.protectWrites(with: Secret(Self.code)) }
        try slots(bench) { session in
            let stored = try #require(try session.list().first)
            #expect(throws: DeviceError.rejected(during: .deleting, withAccessCode: false)) {
                try session.delete(stored)
            }
            try session.unlock(accessCode: Secret(Self.code))
            try session.delete(stored)
            #expect(try session.list().isEmpty)
        }
    }

    @Test(arguments: Subject.slotted)
    func `an access code for a slot as it is leaves what it holds`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try Samples.totp("kept")
        try bench.enroll(credential, subject.place(0))
        let typing = try Samples.hotp("types", counter: 0)
        try bench.enroll(typing, subject.place(1))
        let outcome = Result { try slots(bench) { try $0.protect(slot: 1, with: Secret(Self.code)) } }
        guard !OTPFeature.updateKeepsAccessCode.contains(subject.firmware) else {
            guard case .failure(DeviceError.notSupported) = outcome else { Issue.record("\(outcome)"); return }
            return
        }
        try outcome.get()
        #expect(throws: Self.rejected) { try enroll(bench, typing) }
        #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
        try slots(bench) { session in
            #expect(throws: DeviceError.rejected(during: .settingAccessCode, withAccessCode: false)) {
                try session.protect(slot: 1, with: nil)
            }
            try session.unlock(accessCode: Secret(Self.code))
            try session.protect(slot: 1, with: nil)
        }
        try enroll(bench, credential)

        // A slot that types is told from one that computes at a touch, and nobody touches the key for that.
        bench.key.touch = .never
        try slots(bench) { try $0.protect(slot: 2, with: Secret(Self.code)) }
        #expect(bench.key.type(slot: 2) == (try OneTimePassword.code(for: typing, counter: 0)))
        bench.key.touch = .after(.seconds(1))
        let touched = try Samples.totp("touch")
        try slots(bench) { session in
            try session.unlock(accessCode: Secret(Self.code))
            try session.protectWrites(with: nil)
            var enrollment = Enrollment(touched, options: subject.place(1, touch: true), replaces: true)
            _ = try enrollment.run(on: session)
            bench.key.touch = .never
            try session.protect(slot: 2, with: Secret(Self.code))
            bench.key.touch = .after(.seconds(1))
        }
        #expect(try bench.with { try $0.codes(at: 59) }.last?.value == .needsTouch)
        #expect(
            try bench.code(of: touched, subject.place(1)) == .code(OneTimePassword.code(for: touched, at: 59)))
        #expect(throws: DeviceError.noSuchCredential) {
            try slots(bench) { session in
                try session.delete(try #require(try session.list().first))
                try session.protect(slot: 1, with: nil)
            }
        }
    }

    // MARK: What slots type

    @Test(arguments: Subject.slotted)
    func `a static password is typed as it was given`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let printable = String(decoding: (0x20...0x7E).map(UInt8.init), as: UTF8.self)
        for start in stride(from: 0, to: printable.count, by: 38) {
            let text = String(printable.dropFirst(start).prefix(38))
            let password = try #require(StaticPassword(Secret(text), layout: .us))
            #expect(try slots(bench) { try $0.write(.password(password), to: 2) } == .writeOnly)
            #expect(bench.key.type(slot: 2) == text)
        }
        let generated = try StaticPassword.random(count: 31, from: SystemRandom())
        #expect(generated.count == 31)
        #expect(StaticPassword(generated, layout: .modhex) != nil)
        for (text, layout) in [
            ("", .us), (String(repeating: "c", count: 39), .us), ("é", .us), ("\t", .us), ("cbdefA", .modhex),
            ("a", .modhex),
        ] as [(String, StaticPassword.Layout)] {
            #expect(StaticPassword(Secret(text), layout: layout) == nil, "\(text)")
        }
    }

    @Test(arguments: Subject.slotted)
    func `Yubico OTP is written as it was given and nothing is called proven`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let credential = try YubicoOTPCredential(
            publicID: [1, 2, 3, 4, 5, 6], privateID: Samples.secret(0x11, count: 6),
            key: Samples.secret(0x21, count: 16))
        #expect(try slots(bench) { try $0.write(.yubicoOTP(credential), to: 1) } == .writeOnly)
        let record = try #require(bench.key.withChip(YubiKeyCard.self) { $0.slotMemory[.one]?.record ?? [] })
        #expect(Array(record[0..<6]) == [1, 2, 3, 4, 5, 6] && record[44] == 6)
        #expect(Array(record[16..<22]) == (0x11..<0x17).map(UInt8.init))
        #expect(Array(record[22..<38]) == (0x21..<0x31).map(UInt8.init))
        #expect(record[46] == 0x20 && record[47] == 0)
        try bench.with { session in
            let stored = try #require(try session.list().first)
            #expect(stored.place == 1 && stored.kind == .unknown(0x05))
            #expect(throws: DeviceError.self) { try session.code(for: stored, at: 59) }
        }
    }

    // MARK: Over the smart card

    @Test(arguments: Subject.slotted, [true, false])
    func `where the keyboard is held the card does the same`(_ subject: Subject, _ countsOverCard: Bool) throws {
        let old = VirtualModel(YubiKeyProfile.five(name: subject.model.name, firmware: .init(5, 2, 4), credentials: 32))
        let model = countsOverCard ? subject.model : try #require(old)
        let bench = try Bench(Subject(family: subject.family, model: model))
        bench.key.heldInterfaces = [0]
        let totp = try Samples.totp("computes")
        #expect(try bench.enroll(totp, subject.place(0)) == .full)
        let hotp = try Samples.hotp("types", counter: 0)
        if countsOverCard {
            #expect(try bench.enroll(hotp, subject.place(1)) == .writeOnly)
        } else {
            // Nothing would show that it was refused.
            #expect(throws: DeviceError.self) { try bench.enroll(hotp, subject.place(1)) }
            bench.key.heldInterfaces = []
            try bench.enroll(hotp, subject.place(1))
            bench.key.heldInterfaces = [0]
        }
        #expect(try bench.code(of: totp, subject.place(0)) == .code(OneTimePassword.code(for: totp, at: 59)))
        try bench.with { session throws in
            #expect(session.device.serial == "99000001")
            #expect(session.device.model == model.productName)
            #expect(session.device.firmware?.description == model.firmware.description)
            #expect(try session.codes(at: 59).map(\.value).last == .needsTouch)
            #expect(throws: DeviceError.self) { try session.code(for: session.list()[1], at: 59) }
        }
        try slots(bench) { try $0.swapSlots() }
        #expect(try bench.code(of: totp, subject.place(1)) == .code(OneTimePassword.code(for: totp, at: 59)))
        let touched = try Samples.totp("touch")
        #expect(try bench.enroll(touched, subject.place(0, touch: true), replaces: true) == .full)
        try slots(bench) { session in
            try session.protectWrites(with: Secret(Self.code))
            _ = try session.write(totp, subject.place(1)) { _ in }
        }
        if countsOverCard {
            #expect(throws: DeviceError.rejected(during: .writing, withAccessCode: false)) {
                try bench.enroll(totp, subject.place(1), replaces: true)
            }
        }
        bench.key.heldInterfaces = []
        #expect(try bench.names() == ["slot 1", "slot 2"])
    }

    @Test(arguments: Subject.slotted, Fault.allCases)
    func `over the card every transfer fails once`(_ subject: Subject, _ fault: Fault) throws {
        let undisturbed = try Bench(subject)
        undisturbed.key.heldInterfaces = [0]
        let credential = try Samples.totp("new")
        try undisturbed.enroll(credential)
        for number in 1...undisturbed.key.transferCount {
            let bench = try Bench(subject)
            bench.key.heldInterfaces = [0]
            bench.key.faults = FaultPlan(fault, atTransfer: number)
            let proof = try? bench.enroll(credential)
            bench.key.faults = .none
            if !bench.key.isPlugged { bench.key.plug() }
            if proof != nil {
                #expect(try bench.code(of: credential) == .code(OneTimePassword.code(for: credential, at: 59)))
            }
            #expect(try bench.enroll(credential, replaces: true) == .full, "\(fault), \(number)")
        }
    }

    // MARK: Slots

    @Test(arguments: Subject.yubiKeySlots)
    func `a swap exchanges the slots`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let (totp, hotp) = try (Samples.totp("computes"), Samples.hotp("types", counter: 0))
        #expect(throws: DeviceError.slotsEmpty) { try slots(bench) { try $0.swapSlots() } }
        try bench.enroll(totp, subject.place(0))
        try slots(bench) { try $0.swapSlots() }
        #expect(try bench.names() == ["slot 2"])
        try bench.enroll(hotp, subject.place(0))
        try slots(bench) { try $0.swapSlots() }
        #expect(try bench.code(of: totp, subject.place(0)) == .code(OneTimePassword.code(for: totp, at: 59)))
        #expect(bench.key.type(slot: 2) == (try OneTimePassword.code(for: hotp, counter: 0)))
    }

    @Test(arguments: Subject.yubiKeySlots)
    func `the list tells what computes at once and what waits for a touch`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("computes"), subject.place(0))
        try bench.enroll(try Samples.hotp("types", counter: 0), subject.place(1))
        try bench.with { session in
            let stored = try session.list()
            #expect(stored.map(\.kind) == [.totp(period: 30), .unknown(0x0A)])
            let expected = try OneTimePassword.code(for: Samples.totp("computes"), at: 59)
            #expect(try session.codes(at: 59).map(\.value) == [.code(expected), .needsTouch])
            #expect(throws: DeviceError.self) { try session.code(for: stored[1], at: 59) }
            #expect(throws: DeviceError.noSuchCredential) {
                try session.delete(stored[0])
                _ = try session.code(for: stored[0], at: 59)
            }
        }
    }

    @Test(arguments: Subject.yubiKeySlots)
    func `a slot that answers other challenges has no code, and the rest have theirs`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        let other = try SlotBench(bench.key)
        _ = try other.get()
        other.device.pause(for: .seconds(1))
        try other.run(0x01, SlotBench.record(tkt: 0x40, cfg: 0x20))
        other.device.close()
        let credential = try Samples.totp("computes")
        try bench.enroll(credential, subject.place(1))
        let expected = try OneTimePassword.code(for: credential, at: 59)
        try bench.with { session throws in
            #expect(try session.list().map(\.name) == ["slot 1", "slot 2"])
            #expect(try session.codes(at: 59).map(\.value) == [.code(expected)])
        }
    }

    @Test(arguments: Subject.yubiKeySlots)
    func `the serial number can be read after every write`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("computes"), subject.place(0))
        try bench.enroll(try Samples.hotp("types", counter: 0), subject.place(1))
        try bench.with { #expect($0.device.serial == "99000001") }
    }

    @Test(arguments: Subject.yubiKeySlots)
    func `the kernel's keyboard is back after the session`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.with { _ in #expect(!bench.key.kernelDriverAttached(0)) }
        #expect(bench.key.kernelDriverAttached(0))
    }

    /// A NEO shows an old status after it was plugged in.
    @Test(arguments: Subject.yubiKeySlots)
    func `a slot that was in use before the key was plugged in is in use`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("kept"))
        bench.key.unplug()
        bench.key.plug()
        #expect(throws: DeviceError.alreadyExists) { try bench.enroll(try Samples.totp("second")) }
        #expect(try bench.names() == ["slot 1"])
    }

    /// What another program left half way does not get into our frames.
    @Test(arguments: Subject.yubiKeySlots)
    func `a response or a touch that another program left is dropped`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("touch"), subject.place(1, touch: true))
        for command: UInt8 in [0x10, 0x38] {
            bench.key.touch = .never
            let other = try SlotBench(bench.key)
            _ = try other.get()
            other.device.pause(for: .seconds(1))
            try other.send(command, [1])
            if command == 0x10 { _ = try other.get() }
            other.device.close()
            #expect(try bench.names() == ["slot 2"])
            try SlotBench(bench.key).set([1, 2, 3, 4, 5, 6, 7, 0x83])
            #expect(try bench.names() == ["slot 2"], "half a frame")
        }
    }

    // MARK: Cost

    /// Transfers of one enrollment, with what would be missing without each. A report to the key takes two looks and the
    /// report itself: a virtual key is busy at the first look and not at the second, which is how a real one may be.
    @Test(arguments: Subject.yubiKeySlots.filter { $0.firmware.major > 3 })
    func `an enrollment takes the frames that the protocol asks for`(_ subject: Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        let sets = bench.key.transfers.count { transfer in
            if case .control(let setup) = transfer.target { setup == ScriptedKeyboard.setReport } else { false }
        }
        // Device info: first and last report, reset. Record: all reports but the second and the ninth. Challenge: its
        // first two reports, the last one, reset.
        #expect(sets == 3 + 8 + 4)
        #expect(bench.key.transfers.allSatisfy { $0.error == nil })
        #expect(bench.key.clock.now < .milliseconds(200))
    }

    // MARK: Parts

    private func slots<Result>(_ bench: Bench, _ body: (any SlotProvisioning) throws -> Result) throws -> Result {
        try bench.with { try body(#require($0 as? any SlotProvisioning)) }
    }

    private func enroll(
        _ bench: Bench, _ credential: Credential, _ prepare: (any SlotProvisioning) throws -> Void = { _ in }
    ) throws {
        try slots(bench) { session in
            try prepare(session)
            var enrollment = Enrollment(credential, options: bench.subject.place(0), replaces: true)
            #expect(try enrollment.run(on: session) == .full)
        }
    }
}

extension Bench.Subject {
    fileprivate static let yubiKeySlots = slotted.filter { $0.family.name == YubiKeySlots().name }
}
