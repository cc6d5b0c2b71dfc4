import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision

/// Recorded YKOATH exchanges, host side: we send what Yubico's own client sent, byte by byte down to the CCID messages,
/// and understand what the key answered.
@Suite struct HostVectorTests {
    @Test func allVectorsAreThere() {
        #expect(YKOATHVector.all.count == 53)
        let unknown = YKOATHVector.all.filter { !$0.id.hasPrefix("oath-accesskey") && Self.jobs[$0.operation] == nil }
        #expect(unknown.map(\.id) == ["yk-oath-neo-errors"], "no test drives these")
    }

    /// What the host does for a vector, by its name.
    static let jobs: [String: @Sendable (OATHSession, YKOATHVector) throws -> Void] = [
        "select": { session, _ in #expect(!session.isLocked) },
        "put-totp-sha1": { try put($0, $1, "issuer:account") },
        "put-totp-touch": { try put($0, $1, "issuer:touch", touch: true) },
        "put-hotp-imf5": { try put($0, $1, "issuer:hotp", .hotp(counter: 5), counter: 5) },
        "put-totp-sha256-8-60": { try put($0, $1, "60/Big Co:acc60", .totp(period: 60), .sha256, digits: 8) },
        "put-totp-sha512": { try put($0, $1, "acc512", .totp(period: 30), .sha512, digits: 8) },
        "put-short-key": { try put($0, $1, "short") },
        "put-long-key": { try put($0, $1, "long") },
        "list": { session, vector in
            let ids = try session.list().map { String(decoding: $0.id.bytes, as: UTF8.self) }
            let expected = ["issuer:account", "issuer:hotp", "60/Big Co:acc60", "short", "long"]
            #expect(Set(ids).isSuperset(of: expected))
            #expect(ids.count == (vector.isNEO ? 5 : 8))
        },
        "calc-59": calculate, "calc-1111111109": calculate, "calc-1234567890": calculate,
        "calc-20000000000": calculate, "calc-hotp": calculate, "calc-hotp2": calculate,
        "calc-full": { session, vector in
            let expected = try OneTimePassword.response(secret: rfcSecret(), algorithm: .sha1, counter: 1)
            #expect(
                try session.calculate(id("issuer:account"), challenge: 1, full: true) == .full(digits: 6, mac: expected)
            )
        },
        "calc-all-59": { session, vector in
            let family = family(session)
            let codes = try family.codes(at: 59)
            #expect(codes.first { $0.credential.name == "issuer:account" }?.value == .code("287082"))
            #expect(codes.first { $0.credential.name == "issuer:hotp" }?.value == .stepsCounter)
            #expect(codes.first { $0.credential.kind == .totp(period: 60) }?.value == .code("76973896"))
        },
        "delete-missing": { session, _ in
            #expect(throws: DeviceError.noSuchCredential) { try session.delete(id("nope")) }
        },
        "delete": { session, vector in try session.delete(id(vector.isNEO ? "issuer:account" : "issuer:renamed")) },
        "set-code": { session, vector in
            let key = try session.accessKey(for: secret(text: try #require(vector.password)))
            #expect(key == secret(hex: try #require(vector.accessKey)))
            try session.setAccessKey(key, challenge: try tail(of: vector, step: 0, tag: YKOATH.Tag.challenge))
            guard vector.isNEO else { return }
            let again = try OATHSession(channel: session.channel)
            try again.validate(key, hostChallenge: try tail(of: vector, step: 2, tag: YKOATH.Tag.challenge))
            #expect(!again.isLocked)
        },
        "select-locked": { session, _ in #expect(session.isLocked) },
        "list-locked": { session, _ in #expect(throws: DeviceError.accessCodeRequired) { try session.list() } },
        "validate-wrong": { session, vector in
            let challenge = try tail(of: vector, step: 0, tag: YKOATH.Tag.challenge)
            #expect(throws: DeviceError.wrongAccessCode(triesLeft: nil)) {
                try session.validate(Secret(count: 16) { _ in }, hostChallenge: challenge)
            }
            #expect(session.isLocked)
        },
        "validate-ok": { session, vector in
            let key = secret(hex: try #require(vector.accessKey))
            try session.validate(key, hostChallenge: try tail(of: vector, step: 1, tag: YKOATH.Tag.challenge))
            #expect(!session.isLocked)
        },
        "clear-code": { session, _ in try session.clearAccessKey() },
        "reset": { session, _ in
            try session.reset()
            let again = try OATHSession(channel: session.channel)
            #expect(again.selected.salt != session.selected.salt)
        },
        "list-chained": { session, _ in
            let listed = try session.list()
            #expect(listed.count == 12)
        },
        "calcall-chained": { session, _ in
            let calculated = try session.calculateAll(challenge: 1)
            #expect(calculated.count == 12)
        },
    ]

    @Test(arguments: YKOATHVector.all.filter { jobs[$0.operation] != nil })
    func weSendWhatYubicosClientSends(_ vector: YKOATHVector) throws {
        let device = try script(vector)
        let session = try open(vector, device)
        let job = try #require(Self.jobs[vector.operation])
        try job(session, vector)
        session.close()
        #expect(device.isFinished, "\(device.deviation ?? "not all recorded steps were taken")")
    }

    @Test(arguments: YKOATHVector.all.filter { $0.id.hasPrefix("oath-accesskey") })
    func accessKeysAreDerivedAsYubicosClientDoes(_ vector: YKOATHVector) throws {
        let salt = try #require(vector.salt)
        let select = "79030504037108\(salt)9000"
        let device = ScriptedDevice(
            Self.powerOn + [
                .out(try Self.message("6f", "00a4040007a0000005272101", 1)), .in(try Self.message("80", select, 1)),
            ])
        let session = try OATHSession(channel: Self.channel(device, .short))
        #expect(
            try session.accessKey(for: Self.secret(text: try #require(vector.password)))
                == Self.secret(hex: try #require(vector.key)))
    }

    /// Answers to hand-made commands that a key refuses: the status words come through as they are.
    @Test func statusWordsComeThrough() throws {
        let answers = try #require(YKOATHVector.named("yk-oath-neo-errors").steps).compactMap(\.response)
        #expect(answers.count == 6)
        for answer in answers {
            let card = LooseCard([try #require(bytes(hex: answer))])
            let response = try APDUChannel(connection: card).send(CommandAPDU(ins: 0x99), during: .calculating)
            #expect(response.status.description == answer.uppercased())
        }
    }

    /// Every answer of every vector, cut at each length and changed at random, ends in our error or in a result.
    @Test(arguments: YKOATHVector.all.filter { jobs[$0.operation] != nil })
    func survivesDamagedAnswers(_ vector: YKOATHVector) throws {
        var generator = SeededGenerator(seed: 3)
        let steps = try #require(vector.steps)
        for index in steps.indices {
            let whole = try #require(bytes(hex: steps[index].response ?? ""))
            let damaged =
                (0..<whole.count).map { Array(whole.prefix($0)) }
                + (0..<100).map { _ in mutated(whole, using: &generator) }
            for answer in damaged {
                // What the host does with a damaged answer is its own affair as long as it ends; so any command is
                // answered, in turn, with what the vector has.
                let card = LooseCard(
                    steps.enumerated().map { $0 == index ? answer : bytes(hex: $1.response ?? "") ?? [] })
                let channel = APDUChannel(connection: card)
                guard let session = try? OATHSession(channel: channel) else { continue }
                _ = try? session.list()
                _ = try? session.calculate(Self.id("x"), challenge: 1, full: true)
                _ = try? session.calculateAll(challenge: 1)
                _ = try? session.validate(Self.secret(text: "x"), hostChallenge: [1])
                _ = YubiKeyManagement.parse(answer[...])
            }
        }
    }

    // MARK: Scripts

    /// Power on takes bSeq 0, so the recorded messages, which count from 0, come one later. A vector that starts in the
    /// middle of a session gets the SELECT before it.
    private func script(_ vector: YKOATHVector) throws -> ScriptedDevice {
        let recorded = try #require(vector.steps)
        let startsWithSelect = recorded.first?.apdu.hasPrefix("00a40400") == true
        let select = try #require(Self.select(before: vector).steps?.first)
        let steps = startsWithSelect ? recorded : [select] + recorded
        let messages = try steps.enumerated().flatMap { index, step in
            let sequence = UInt8(index + 1)
            let out = try Self.message("6f", step.apdu, sequence)
            let answer = try Self.message("80", try #require(step.response), sequence)
            // The vectors carry the messages as well: ours differ from them in bSeq alone.
            if let recorded = step.ccidOut.flatMap({ bytes(hex: $0) }) {
                #expect(Self.withoutSequence(out) == Self.withoutSequence(recorded))
            }
            return [ScriptedDevice.Step.out(out), .in(answer)]
        }
        return ScriptedDevice(Self.powerOn + messages + Self.powerOff(UInt8(steps.count + 1)))
    }

    /// The client selects in the short form and goes on in the extended one where the firmware takes it.
    private func open(_ vector: YKOATHVector, _ device: ScriptedDevice) throws -> OATHSession {
        let session = try OATHSession(channel: Self.channel(device, .short))
        if !vector.isNEO { session.channel.form = .extended }
        return session
    }

    private static func select(before vector: YKOATHVector) throws -> YKOATHVector {
        let key = vector.isNEO ? "neo" : "yk5"
        let isLocked = ["list-locked", "validate-wrong"].contains(vector.operation)
        return try .named("yk-oath-\(key)-select" + (isLocked ? "-locked" : ""))
    }

    private static func channel(_ device: ScriptedDevice, _ form: CommandAPDU.Form) throws -> APDUChannel {
        APDUChannel(
            connection: try CCIDConnection(device: device, configuration: readerConfiguration()), form: form)
    }

    private static let powerOn: [ScriptedDevice.Step] = [
        .out([0x62, 0, 0, 0, 0, 0, 0, 0, 0, 0]), .in([0x80, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x3B, 0x00]),
    ]

    private static func powerOff(_ sequence: UInt8) -> [ScriptedDevice.Step] {
        [.out([0x63, 0, 0, 0, 0, 0, sequence, 0, 0, 0]), .in([0x81, 0, 0, 0, 0, 0, sequence, 1, 0, 0])]
    }

    private static func message(_ type: String, _ content: String, _ sequence: UInt8) throws -> [UInt8] {
        let type = try #require(bytes(hex: type)?.first)
        let content = try #require(bytes(hex: content))
        let length = [UInt8(truncatingIfNeeded: content.count), UInt8(truncatingIfNeeded: content.count >> 8)]
        return [type] + length + [0, 0, 0, sequence, 0, 0, 0] + content
    }

    private static func withoutSequence(_ message: [UInt8]) -> [UInt8] {
        message.enumerated().filter { $0.offset != 6 }.map(\.element)
    }

    // MARK: Jobs

    private static func put(
        _ session: OATHSession, _ vector: YKOATHVector, _ name: String, _ kind: Credential.Kind = .totp(period: 30),
        _ algorithm: HashAlgorithm = .sha1, digits: Int = 6, touch: Bool = false, counter: UInt32? = nil
    ) throws {
        try session.put(
            id(name), kind, algorithm, digits: digits, key: secret(hex: try #require(vector.secret)), touch: touch,
            counter: counter)
    }

    private static let calculate: @Sendable (OATHSession, YKOATHVector) throws -> Void = { session, vector in
        let name = vector.time == nil ? "issuer:hotp" : "issuer:account"
        let calculation = try session.calculate(id(name), challenge: vector.time.map { $0 / 30 }, full: false)
        guard case .truncated(let digits, let value) = calculation else {
            Issue.record("not a code: \(calculation)")
            return
        }
        #expect(OneTimePassword.code(truncated: value, digits: Int(digits)) == vector.code)
    }

    private static func family(_ session: OATHSession) -> OATHKeySession {
        let info = DeviceInfo(
            family: "yubikey", model: "", serial: nil, firmware: nil, location: USBLocation(bus: 1, ports: [1]))
        return OATHKeySession(
            device: info, oath: session, features: YubiKeyOATH.features, capacity: nil, options: SessionOptions())
    }

    /// The value of a tag in a recorded command: the challenges that the client drew.
    private static func tail(of vector: YKOATHVector, step: Int, tag: UInt8) throws -> [UInt8] {
        let command = try #require(vector.steps.flatMap { bytes(hex: $0[step].apdu) })
        let data = vector.isNEO ? command.dropFirst(5) : command.dropFirst(7)
        return Array(try #require(try TLV.parseList(data).first { $0.tag == tag }).value)
    }

    private static func id(_ name: String) -> OATHCredentialID { OATHCredentialID(bytes: Array(name.utf8)) }
    private static func secret(text: String) -> Secret { Secret(WipedBuffer(Array(text.utf8))) }
    private static func secret(hex: String) -> Secret { Secret(WipedBuffer(bytes(hex: hex) ?? [])) }
    private static func rfcSecret() -> Secret { secret(text: "12345678901234567890") }
}

/// A card that answers whatever comes with the next of its answers, over and over.
final class LooseCard: SmartCardConnection {
    let answerToReset: [UInt8] = []
    let carriesExtendedAPDUs = true
    private let answers: [[UInt8]]
    private var count = 0

    init(_ answers: [[UInt8]]) { self.answers = answers }

    func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        defer { count += 1 }
        return answers[count % answers.count]
    }

    func close() {}
}
