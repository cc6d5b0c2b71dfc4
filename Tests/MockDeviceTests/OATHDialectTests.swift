import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The YKOATH dialects of other makers, from both sides: we send what was recorded and understand what came back; the
/// virtual keys answer what was recorded.
@Suite struct OATHDialectTests {
    typealias Vector = OATHDialectVector
    typealias Job = @Sendable (OATHSession, Vector) throws -> Void

    @Test func `every vector is driven`() {
        #expect(Set(Vector.all.map(\.id)) == Set(Self.jobs.keys).union(Self.ofTheDevice))
    }

    /// What our host would not send, or what is about the device alone.
    private static let ofTheDevice: Set = [
        "solo2-hotp-4byte-counter", "canokey-hotp-preincrement", "pico-fido-select", "pico-fido-put-touch-dropped",
        "canokey-list-chained", "canokey-validate-wrong", "canokey-put-sha512-100", "canokey-reset",
    ]

    // MARK: The host

    /// What the host does for a recorded exchange.
    private static let jobs: [String: Job] = [
        "canokey-select": { session, _ in #expect(session.selected.version == Version(6, 0, 0) && !session.isLocked) },
        "canokey-put-totp-sha1": { try put($0, $1, "issuer:account") },
        "canokey-put-totp-touch": { try put($0, $1, "issuer:touch", touch: true) },
        "canokey-put-hotp-imf5": { try put($0, $1, "hotp", .hotp(counter: 5), counter: 5) },
        "canokey-put-hotp-imf0": { try put($0, $1, "hotp0", .hotp(counter: 0), counter: 0) },
        "canokey-put-totp-sha512": { try put($0, $1, "acc512", .totp(period: 30), .sha512, digits: 8) },
        "canokey-calc-59": { try calculate($0, $1, "issuer:account", 1) },
        "canokey-calc-1111111109": { try calculate($0, $1, "issuer:account", 1_111_111_109 / 30) },
        "canokey-calc-hotp-imf5": { try calculate($0, $1, "hotp", nil) },
        "canokey-calc-hotp-imf0": { try calculate($0, $1, "hotp0", nil) },
        "canokey-calc-all-59": { session, _ in
            let calculations = try session.calculateAll(challenge: 1)
            #expect(calculations.count == 5)
            #expect(calculations.first.map(\.1) == .truncated(digits: 6, value: 0x4139_7EEA))
            #expect(calculations.dropFirst().prefix(2).map(\.1) == [.needsTouch, .isHOTP])
        },
        "canokey-list": { session, _ in
            let names = try session.list().map { String(decoding: $0.id.bytes, as: UTF8.self) }
            #expect(names == ["issuer:account", "issuer:touch", "hotp", "hotp0", "acc512"])
        },
        "canokey-rename": { session, _ in try session.rename(id("issuer:account"), to: id("issuer:renamed")) },
        "canokey-delete-missing": { session, _ in
            #expect(throws: DeviceError.noSuchCredential) { try session.delete(id("nope")) }
        },
        "canokey-delete": { session, _ in try session.delete(id("issuer:renamed")) },
        "canokey-set-code": { session, vector in
            let key = try session.accessKey(for: Secret(try #require(vector.password)))
            #expect(try key == secret(vector.accessKey))
            try session.setAccessKey(key, challenge: [UInt8](0x80...0x87))
        },
        "canokey-list-after-setcode": { session, _ in
            #expect(throws: DeviceError.self) { try session.list() }
        },
        "canokey-select-locked": { session, _ in #expect(session.isLocked) },
        "canokey-validate-ok": { session, vector in
            try session.validate(try secret(vector.accessKey), hostChallenge: [UInt8](0xA0...0xA7))
            #expect(!session.isLocked)
        },
        "canokey-clear-code": { session, _ in try session.clearAccessKey() },
    ]

    @Test(arguments: Vector.all.filter { jobs[$0.id] != nil })
    func `we send what Yubico's client sends`(_ vector: Vector) throws {
        let card = try ScriptedExchanges(vector)
        let channel = APDUChannel(connection: card)
        let session = try OATHSession(channel: channel, dialect: CanoKey.dialect)
        channel.form = .extended
        let job = try #require(Self.jobs[vector.id])
        try job(session, vector)
        #expect(card.deviation == nil)
        #expect(card.isFinished)
    }

    @Test func `a wrong key is called wrong`() throws {
        let challenge = try Vector.named("canokey-select-locked").steps?.first?.answer ?? []
        let refusal = try Vector.named("canokey-validate-wrong").steps?.first?.answer ?? []
        let session = try OATHSession(
            channel: APDUChannel(connection: LooseCard([challenge, refusal])), dialect: CanoKey.dialect)
        #expect(throws: DeviceError.wrongAccessCode(triesLeft: nil)) {
            try session.validate(Secret("wrong"), hostChallenge: [UInt8](0...7))
        }
        #expect(session.isLocked)
    }

    @Test(arguments: Vector.all.filter(\.isCanoKey))
    func `damaged answers end in our error or in a result`(_ vector: Vector) throws {
        var generator = SeededGenerator(seed: 5)
        let select = try Vector.named("canokey-select").steps?.first?.answer ?? []
        for step in vector.steps ?? [] {
            let cut = (0..<step.answer.count).map { Array(step.answer.prefix($0)) }
            for answer in cut + (0..<100).map({ _ in mutated(step.answer, using: &generator) }) {
                for dialect in [CanoKey.dialect, Solo2.dialect, PicoFIDO.dialect] {
                    let channel = APDUChannel(connection: LooseCard([select, answer]))
                    guard let session = try? OATHSession(channel: channel, dialect: dialect) else { continue }
                    _ = try? session.list()
                    _ = try? session.calculate(Self.id("x"), challenge: 1, full: true)
                    _ = try? session.calculateAll(challenge: 1)
                    _ = try? session.validate(Secret("x"), hostChallenge: [1])
                }
            }
        }
    }

    // MARK: The device

    /// One key from its making on; its vectors run in the order of the file.
    @Test func `the virtual CanoKey answers every recorded command as recorded`() throws {
        let key = VirtualKey(
            model: try #require(VirtualModel.named("canokey")), serial: 1,
            random: ScriptedRandom([0x4041_4243_4445_4647, 0x4849_4A4B_4C4D_4E4F, 0x5051_5253_5455_5657]))
        key.usb.withCard { $0.powerOn() }
        for vector in Vector.all where vector.isCanoKey && vector.id != "canokey-list-chained" {
            for step in vector.steps ?? [] {
                #expect(key.usb.withCard { $0.transmit(step.command) } == .bytes(step.answer), "\(vector.id)")
            }
        }
    }

    /// The recording reused the place of a deleted credential for the first of the long names.
    @Test func `a long list of the virtual CanoKey is cut as recorded`() throws {
        let key = VirtualKey(model: try #require(VirtualModel.named("canokey")), serial: 1)
        key.usb.withCard { $0.powerOn() }
        func put(_ name: String, type: UInt8 = 0x21, count: Int = 20) throws {
            let command = VirtualBench.put(name, type: type, secret: [UInt8](repeating: 1, count: count))
            #expect(key.usb.withCard { $0.transmit(command) } == .bytes(VirtualBench.ok))
        }
        _ = key.usb.withCard { $0.transmit(VirtualBench.selectOATH) }
        try put("long-account-name-00")
        try put("issuer:touch")
        try put("hotp", type: 0x11)
        try put("hotp0", type: 0x11)
        try put("acc512", type: 0x23, count: 64)
        for number in 1...9 { try put("long-account-name-0\(number)") }
        for step in try #require(Vector.named("canokey-list-chained").steps) {
            #expect(key.usb.withCard { $0.transmit(step.command) } == .bytes(step.answer))
        }
    }

    @Test func `first HOTP codes after a PUT are those of each firmware`() throws {
        let vector = try Vector.named("canokey-hotp-preincrement")
        let counter = try #require(vector.imf)
        let models = [
            "yubikey-neo-applet": "yubikeyneo", "pico-fido": "picofido", "canokey-core": "canokey", "solo2": "solo2",
        ]
        for (name, model) in models {
            #expect(try Self.codes(model, counter: counter, count: 1).first == vector.firstCode?[name], "\(name)")
        }
        let solo = try Vector.named("solo2-hotp-4byte-counter")
        let codes = try #require(solo.deviceCodes)
        #expect(try Self.codes("solo2", counter: 0, count: codes.count) == codes)
        #expect(codes != solo.rfc4226Codes)
    }

    @Test func `the virtual Pico FIDO shows its serial number and drops a touch`() throws {
        let select = try #require(Vector.named("pico-fido-select").steps?.first)
        // The recorded key's number begins with other digits; ours with zeros.
        let salt = [UInt8](repeating: UInt8(ascii: "0"), count: 8)
        let key = VirtualKey(model: try #require(VirtualModel.named("picofido")), serial: 1)
        key.usb.withCard { $0.powerOn() }
        let answer = Array(select.answer.prefix(7)) + salt + VirtualBench.ok
        #expect(key.usb.withCard { $0.transmit(select.command) } == .bytes(answer))
        let put = try #require(Vector.named("pico-fido-put-touch-dropped").steps?.first)
        #expect(key.usb.withCard { $0.transmit(put.command) } == .bytes(put.answer))
        let all = VirtualBench.apdu(0xA4, p2: 1, VirtualBench.tlv(0x74, [0, 0, 0, 0, 0, 0, 0, 1]))
        guard case .bytes(let codes) = key.usb.withCard({ $0.transmit(all) }) else {
            Issue.record("no answer")
            return
        }
        #expect(codes.contains(0x76) && !codes.contains(0x7C))
    }

    @Test(arguments: ["canokey", "solo2", "picofido"])
    func `a virtual key takes commands of any content`(_ model: String) throws {
        var generator = SeededGenerator(seed: 11)
        let key = VirtualKey(model: try #require(VirtualModel.named(model)), serial: 1)
        var chip = try #require(key.withChip(OATHCard.self) { $0 })
        _ = chip.transmit(VirtualBench.selectOATH)
        for step in Vector.all.compactMap(\.steps).flatMap({ $0 }) {
            for length in 0...step.command.count { _ = chip.transmit(Array(step.command.prefix(length))) }
            for _ in 0..<50 {
                if case .later = chip.transmit(mutated(step.command, using: &generator)) { _ = chip.complete() }
            }
        }
    }

    @Test(arguments: VirtualModel.oathKeys.map(\.name))
    func `a key comes back whole`(_ model: String) throws {
        let bench = try Bench(try #require(Bench.Subject.all.first { $0.model.name == model }))
        try bench.enroll(try Samples.totp("kept"))
        let again = try VirtualKey(restoring: bench.key.snapshot)
        #expect(again.snapshot == bench.key.snapshot)
        #expect((again.model, again.serial) == (bench.key.model, bench.key.serial))
    }

    // MARK: Parts

    /// Codes that a virtual key computes after a PUT with that moving factor.
    private static func codes(_ model: String, counter: UInt8, count: Int) throws -> [String] {
        let key = VirtualKey(model: try #require(VirtualModel.named(model)), serial: 1)
        key.usb.withCard { $0.powerOn() }
        let put = VirtualBench.put("hotp", type: 0x11, extra: counter > 0 ? [0x7A, 0x04, 0, 0, 0, counter] : [])
        for command in [VirtualBench.selectOATH, put] { _ = key.usb.withCard { $0.transmit(command) } }
        return try (0..<count).map { _ in
            let answer = key.usb.withCard { $0.transmit(VirtualBench.calculate("hotp", counter: nil)) }
            guard case .bytes(let bytes) = answer, bytes.count == 9 else { throw StatusWord.internalError }
            let word = bytes[3..<7].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return try #require(OneTimePassword.code(truncated: word, digits: Int(bytes[2])))
        }
    }

    private static func put(
        _ session: OATHSession, _ vector: Vector, _ name: String, _ kind: Credential.Kind = .totp(period: 30),
        _ algorithm: HashAlgorithm = .sha1, digits: Int = 6, touch: Bool = false, counter: UInt32? = nil
    ) throws {
        let key = try vector.secret.map { try secret($0) } ?? Secret("12345678901234567890")
        try session.put(id(name), kind, algorithm, digits: digits, key: key, touch: touch, counter: counter)
    }

    private static func calculate(
        _ session: OATHSession, _ vector: Vector, _ name: String, _ challenge: UInt64?
    ) throws {
        guard
            case .truncated(let digits, let value) = try session.calculate(id(name), challenge: challenge, full: false)
        else {
            Issue.record("not a code")
            return
        }
        #expect(OneTimePassword.code(truncated: value, digits: Int(digits)) == vector.code)
    }

    private static func id(_ name: String) -> OATHCredentialID { OATHCredentialID(bytes: Array(name.utf8)) }

    private static func secret(_ hex: String?) throws -> Secret {
        Secret(WipedBuffer(try #require(hex.flatMap { bytes(hex: $0) })))
    }
}

/// A card that knows the commands and its answers beforehand. A vector that starts in the middle of a session gets the
/// SELECT before it.
private final class ScriptedExchanges: SmartCardConnection {
    let answerToReset: [UInt8] = []
    let carriesExtendedAPDUs = true
    private var steps: ArraySlice<OATHDialectVector.Step>
    private(set) var deviation: String?

    var isFinished: Bool { steps.isEmpty }

    init(_ vector: OATHDialectVector) throws {
        let recorded = vector.steps ?? []
        let startsWithSelect = recorded.first?.apdu.hasPrefix("00a40400") == true
        let select = try #require(OATHDialectVector.named("canokey-select").steps)
        steps = (startsWithSelect ? recorded : select + recorded)[...]
    }

    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        let sent = command.withBytes { [UInt8](copying: $0) }
        guard let step = steps.popFirst() else { throw .malformed(.truncated) }
        if sent != step.command { deviation = deviation ?? difference(expected: step.command, got: sent) }
        return step.answer
    }

    func close() {}
}
