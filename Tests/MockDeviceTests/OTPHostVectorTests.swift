import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision

/// Recorded exchanges with the OTP application, host side: we send what Yubico's own clients sent, byte by byte down to
/// the setup packets, and understand what the key answered.
@Suite struct OTPHostVectorTests {
    typealias Job = @Sendable (OTPSession, OTPChannel, OTPVector) throws -> Void

    @Test func `every vector is driven`() {
        let driven = Set(Self.jobs.keys).union(Self.frames.keys).union(Self.values)
        #expect(OTPVector.all.count == 23)
        #expect(driven == Set(OTPVector.all.map(\.id)))
    }

    private static let values: Set = ["crc16-samples", "yk-otp-selftest-rfc2202"]

    // MARK: Exchanges

    /// What the host does for a recorded exchange.
    private static let jobs: [String: Job] = [
        "yk-otp-open": { session, _, _ in
            #expect(session.status.version == Version(5, 4, 3))
            let status = try session.readStatus(during: .listing)
            #expect(status.sequence == 0 && OTPSlot.allCases.allSatisfy { !status.isConfigured($0) })
        },
        "yk-otp-slot1-hotp6": { session, _, vector in
            try session.write(.oathHOTP(key: key(vector), hasEightDigits: false, counter: 0), to: .one)
            #expect(session.status.isConfigured(.one) && session.status.needsTouch(.one))
            #expect(session.status.sequence == 1)
        },
        "yk-otp-slot1-hotp8-tokenid-imf": { session, _, vector in
            var configuration = try OTPConfiguration.oathHOTP(key: key(vector), hasEightDigits: true, counter: 0x1230)
            configuration.fixed = buffer("2f1012345678")
            configuration.config.insert(OTPConfigFlags(rawValue: 0x10))
            try session.write(configuration, to: .one)
        },
        "yk-otp-slot2-hmac": { session, _, vector in
            try session.write(.hmacSHA1(key: key(vector), touch: false), to: .two)
            #expect(session.status.isConfigured(.two) && !session.status.needsTouch(.two))
        },
        "yk-otp-slot2-totp-1111111109": { session, _, vector in
            let step = OneTimePassword.timeStep(at: try #require(vector.time), period: 30)
            let challenge = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
            let mac = try #require(try session.respond(to: challenge, in: .two, during: .calculating))
            #expect(try mac == unhex(vector.hmac))
            #expect(OneTimePassword.truncate(mac, digits: 6) == vector.code)
        },
        "yk-otp-slot1-yubiotp-acc": { session, _, _ in
            let credential = try YubicoOTPCredential(
                publicID: try #require(bytes(hex: "8792ebfe26cc")), privateID: Secret(buffer("0aaeb0eb1b3f")),
                key: Secret(buffer("ecde18dbe76fbd0c33330f1c354871db")))
            try session.write(.yubicoOTP(credential), to: .one, newCode: code)
        },
        "yk-otp-slot1-wrong-acc": { session, _, _ in
            #expect(throws: DeviceError.rejected(during: .writing, withAccessCode: false)) {
                try session.write(.oathHOTP(key: rfcKey, hasEightDigits: false, counter: 0), to: .one)
            }
        },
        "yk-otp-slot1-update": { _, channel, _ in
            let flags = OTPConfiguration(
                fixed: [UInt8](repeating: 0, count: 16), uid: zeros(6), key: zeros(16),
                extended: [.serialAPIVisible, .allowUpdate, .fastTrigger], ticket: [], config: [])
            let outcome = try channel.exchange(
                0x04, flags.payload(newCode: code, currentCode: code), during: .writing)
            try expectCounted(outcome)
        },
        "yk-otp-slot1-hotp-with-acc": { session, _, _ in
            try session.write(
                .oathHOTP(key: rfcKey, hasEightDigits: false, counter: 0), to: .one, currentCode: code)
        },
        "yk-otp-slot2-static": { session, _, _ in
            let password = try #require(StaticPassword(Secret("hello"), layout: .us))
            try session.write(.staticPassword(password), to: .two)
        },
        "yk-otp-ndef1": { _, channel, vector in
            let payload = WipedBuffer(try unhex(vector.payload))
            try expectCounted(try channel.exchange(0x08, payload, during: .writing))
        },
        "yk-otp-swap": { session, _, _ in try session.swap(currentCode: nil) },
        "yk-otp-delete1": { session, _, _ in
            try session.delete(.one, currentCode: nil)
            #expect(!session.status.isConfigured(.one) && session.status.isConfigured(.two))
        },
        "yk-otp-delete2": { session, _, _ in
            try session.delete(.two, currentCode: nil)
            #expect(session.status.sequence == 0)
        },
        "yk-otp-device-info": { session, _, _ in
            let identity = try session.readIdentity()
            #expect(identity.serial == 12_345_678)
            #expect(identity.firmware == Version(5, 4, 3))
            #expect(identity.model(.four) == "YubiKey 5 NFC")
        },
        "yk-otp-touch-wait-ok": { session, _, vector in
            let mac = try session.respond(to: [0, 0, 0, 0, 0, 0, 0, 1], in: .two, during: .calculating)
            #expect(try mac == unhex(vector.hmac))
        },
        "yk-otp-touch-wait-timeout": { session, _, _ in
            #expect(throws: DeviceError.touchTimedOut) {
                try session.respond(to: [0, 0, 0, 0, 0, 0, 0, 1], in: .two, during: .calculating)
            }
        },
    ]

    @Test(arguments: OTPVector.all.filter(\.isExchange))
    func `we send what Yubico's client sends`(_ vector: OTPVector) throws {
        let device = ScriptedKeyboard(try Self.script(vector))
        let channel = try device.channel()
        let session = try OTPSession(channel)
        let job = try #require(Self.jobs[vector.id])
        try job(session, channel, vector)
        session.close()
        #expect(device.isFinished, "\(vector.id): \(device.deviation ?? "not all recorded reports were asked for")")
    }

    /// Our session reads the status once when it begins. Where the recording has one status for that and two for the
    /// frame, nothing is missing; where it begins with the frame, the first status is there twice.
    private static func script(_ vector: OTPVector) throws -> [OTPVector.Report] {
        let reports = try #require(vector.reports)
        let before = reports.prefix { $0.isGet }.count
        return before == 2 && reports.count > 2 ? reports.prefix(1) + reports : reports
    }

    // MARK: Frames

    /// Payload and command of frames that were published without an answer.
    private static let frames: [String: @Sendable () throws -> OTPFrame?] = [
        "yk-otp-pub-static-ticket": { OTPFrame(0x01, ticket.payload(newCode: nil, currentCode: nil)) },
        "yk-otp-pub-static-ticket-unlock": {
            let code = OTPAccessCode(hexadecimal: Secret("010203040506"))
            return OTPFrame(0x01, ticket.payload(newCode: code, currentCode: code))
        },
        "yk-otp-pub-fixed-hotp": {
            let configuration = OTPConfiguration(
                fixed: [0x4D, 0x4D, 0x4D, 0x4D], uid: zeros(6), key: buffer("523d7ce7e7b6ee853517a3e3cc1985c7"),
                extended: [], ticket: [.oathHOTP, .appendCarriageReturn], config: OTPConfigFlags(rawValue: 0x70))
            let code = OTPAccessCode(hexadecimal: Secret("AABBCCDDEEFF"))
            return OTPFrame(0x03, configuration.payload(newCode: nil, currentCode: code))
        },
        "yk-otp-pub-empty-cmd32": { OTPFrame(0x32, WipedBuffer()) },
    ]

    private static var ticket: OTPConfiguration {
        OTPConfiguration(
            uid: zeros(6), key: buffer("e2bee9a36568a00d026a02f85e61e6fb"), extended: [],
            ticket: .appendCarriageReturn, config: OTPConfigFlags(rawValue: 0x20))
    }

    @Test(arguments: OTPVector.all.filter(\.isFrame))
    func `frames are those that were published`(_ vector: OTPVector) throws {
        let makeFrame = try #require(Self.frames[vector.id])
        let frame = try #require(try makeFrame())
        let got = frame.reports.map { report in report.withBytes { hex([UInt8](copying: $0)) } }
        #expect(got == vector.reports?.map(\.hex))
    }

    @Test func `a payload of more than 64 bytes is no frame`() {
        #expect(OTPFrame(0x01, Self.zeros(64)) != nil)
        #expect(OTPFrame(0x01, Self.zeros(65)) == nil)
    }

    // MARK: Values

    @Test func `the checksum is Yubico's`() throws {
        let vector = try OTPVector.named("crc16-samples")
        let zeros = [UInt8](repeating: 0, count: 64)
        #expect(String(OTPChecksum.compute(zeros), radix: 16) == vector.crc64Zero)
        let inverted = ~OTPChecksum.compute(zeros)
        let checked = zeros + [UInt8(truncatingIfNeeded: inverted), UInt8(inverted >> 8)]
        #expect(OTPChecksum.compute(checked) == OTPChecksum.residual)
        #expect(String(OTPChecksum.residual, radix: 16) == vector.residual)
    }

    @Test func `the host computes what a slot is known to answer`() throws {
        let vector = try OTPVector.named("yk-otp-selftest-rfc2202")
        let key = Secret(WipedBuffer(try Self.unhex(vector.key)))
        let challenge = try Self.unhex(vector.challenge)
        #expect(
            try HMAC.authenticate(challenge, key: key, algorithm: .sha1) == Self.unhex(vector.hmac))
    }

    @Test func `an access code is twelve hexadecimal digits and not nothing`() {
        for text in ["", "00010203040", "0001020304056", "00010203040g", "000000000000", "0x0102030405"] {
            #expect(OTPAccessCode(hexadecimal: Secret(text)) == nil, "\(text)")
        }
        let code = OTPAccessCode(hexadecimal: Secret("0a0B0c0D0e0F"))
        #expect(code?.bytes == Secret(WipedBuffer([0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F])))
    }

    // MARK: Damage

    @Test func `a response with a changed bit is no response`() throws {
        let reports = try #require(try OTPVector.named("yk-otp-slot2-totp-1111111109").reports)
        let parts = reports.indices.filter { reports[$0].isGet && reports[$0].bytes[7] & 0x40 != 0 }.dropLast()
        #expect(parts.count == 4)
        for (part, byte) in parts.flatMap({ part in (0..<7).map { (part, $0) } }) where (part, byte) < (parts[3], 1) {
            var bytes = reports[part].bytes
            bytes[byte] ^= 0x10
            var changed = reports
            changed[part] = OTPVector.Report(dir: "get", hex: hex(bytes))
            let session = try OTPSession(ScriptedKeyboard(changed.prefix(1) + changed).channel())
            #expect(throws: DeviceError.malformedResponse(during: .calculating)) {
                try session.respond(to: [0, 0, 0, 0, 0x02, 0x35, 0x23, 0xEC], in: .two, during: .calculating)
            }
        }
    }

    /// Every answer of every vector, cut at each length and changed at random, ends in our error or in a result.
    @Test(arguments: OTPVector.all.filter(\.isExchange))
    func `damaged answers end in an error or a result`(_ vector: OTPVector) throws {
        var generator = SeededGenerator(seed: 9)
        let answers = try #require(vector.reports).filter(\.isGet).map(\.bytes)
        for index in answers.indices {
            let damaged =
                (0..<answers[index].count).map { Array(answers[index].prefix($0)) }
                + (0..<8).map { _ in mutated(answers[index], using: &generator) }
            for answer in damaged {
                var changed = answers
                changed[index] = answer
                guard let session = try? OTPSession(OTPChannel(LooseKeyboard(changed))) else { continue }
                _ = try? session.respond(to: [1], in: .two, during: .calculating)
                _ = try? session.readIdentity()
                _ = try? session.readSerial()
                _ = try? session.delete(.one, currentCode: nil)
            }
        }
    }

    // MARK: Parts

    private static let rfcKey = Secret("12345678901234567890")
    private static var code: OTPAccessCode? { OTPAccessCode(hexadecimal: Secret("000102030405")) }

    private static func key(_ vector: OTPVector) throws -> Secret {
        Secret(WipedBuffer(try unhex(vector.key)))
    }

    private static func unhex(_ digits: String?) throws -> [UInt8] {
        let digits = try #require(digits)
        return try #require(bytes(hex: digits))
    }

    private static func buffer(_ digits: String) -> WipedBuffer { WipedBuffer(bytes(hex: digits) ?? []) }
    private static func zeros(_ count: Int) -> WipedBuffer { WipedBuffer([UInt8](repeating: 0, count: count)) }

    private static func expectCounted(_ outcome: OTPOutcome) throws {
        guard case .status(let before, let after, _) = outcome else {
            Issue.record("a response where a status was due")
            return
        }
        #expect(after.shows(aWriteAfter: before))
    }
}

/// A keyboard that answers whatever comes with the next of its answers, over and over, until it is asked too often.
private final class LooseKeyboard: ReportConnection {
    let reportLength = 8
    private let answers: [[UInt8]]
    private var count = 0
    private static let limit = 20_000

    init(_ answers: [[UInt8]]) { self.answers = answers }

    func receive() throws(ConnectionError) -> [UInt8] {
        count += 1
        #expect(count < Self.limit, "the host asks for ever")
        guard count < Self.limit else { throw .usb(USBError(.other, during: .control(request: 1))) }
        return answers[count % answers.count]
    }

    func send(_ report: WipedBuffer) {}
    func pause(for duration: Duration) {}
    func close() {}
}
