import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision

/// Recorded exchanges with the secrets application, host side: we send what Nitrokey's own client sent, packet by packet,
/// and understand what the key answered.
@Suite struct SecretsHostVectorTests {
    typealias Job = @Sendable (SecretsApp, APDUChannel, SecretsVector) throws -> Void

    @Test func `every vector is driven`() {
        #expect(SecretsVector.all.count == 20)
        #expect(Set(Self.jobs.keys) == Set(SecretsVector.all.map(\.id)))
    }

    private static let jobs: [String: Job] = [
        "nk3-ctaphid-init": { _, _, _ in },
        "nk3-select": { app, _, _ in
            try app.selectAgain()
            #expect(
                app.selected
                    == SecretsApp.SelectResponse(
                        version: Version(4, 14, 0), pinTriesLeft: nil, serial: [0xA1, 0xB2, 0xC3, 0xD4]))
        },
        "nk3-put-totp-sha1": { app, _, _ in
            try app.put(id("issuer:account"), totp(.sha1), digits: 6, key: rfcKey, [], counter: nil)
        },
        "nk3-put-hotp-5": { app, _, _ in
            try app.put(id("hotp"), hotp, digits: 6, key: rfcKey, [], counter: 5)
        },
        "nk3-put-totp-sha256": { app, _, _ in
            let key = Secret(WipedBuffer((1...32).map { UInt8($0) }))
            try app.put(id("t256"), totp(.sha256), digits: 8, key: key, [], counter: nil)
        },
        "nk3-calc-59": { app, _, vector in try expectCode(app, "issuer:account", 1, vector) },
        "nk3-calc-1111111109": { app, _, vector in try expectCode(app, "issuer:account", 0x23523EC, vector) },
        "nk3-calc-hotp": { app, _, vector in try expectCode(app, "hotp", 0, vector) },
        // The plain form tells nothing that the other does not, so the session has no use for it.
        "nk3-list": { _, channel, _ in
            let response = try channel.send(CommandAPDU(ins: 0xA1), continuation: 0xA5, during: .listing)
            #expect(response.status == .ok)
        },
        "nk3-list-ext": { app, _, _ in
            let entries = try app.list()
            #expect(entries.map(\.id) == ["issuer:account", "issuer:touch", "hotp", "t256"].map(id))
            #expect(entries.map(\.kind.rawValue) == [0x21, 0x21, 0x11, 0x22])
            #expect(entries.map(\.flags) == [[], .touchRequired, [], []])
            try app.selectAgain()
        },
        "nk3-set-pin": { app, _, _ in try app.setPIN(pin) },
        "nk3-select-pin": { app, _, _ in
            try app.selectAgain()
            #expect(app.selected.pinTriesLeft == 8)
        },
        "nk3-pin-put": { app, _, _ in
            try app.verifyPIN(pin)
            try app.put(id("pinned"), totp(.sha1), digits: 6, key: rfcKey, .pinEncrypt, counter: nil)
        },
        "nk3-pin-calc": { app, _, _ in
            try app.verifyPIN(pin)
            #expect(try app.calculate(id("pinned"), challenge: 1, during: .calculating).word == 0x4139_7EEA)
        },
        "nk3-pin-wrong": { app, _, _ in
            #expect(throws: DeviceError.wrongPIN(.user, triesLeft: nil)) { try app.verifyPIN(Secret("00000000")) }
        },
        "nk3-put-reverse-hotp": { app, _, _ in
            try app.verifyPIN(pin)
            try app.put(
                id("HOTP Verification"), .reverseHOTP(.sha1), digits: 8, key: rfcKey, .pinEncrypt, counter: 0)
        },
        "nk3-verify-code": { app, _, _ in
            try app.verifyPIN(pin)
            #expect(try app.verifyCode(id("HOTP Verification"), 84_755_224))
        },
        "nk3-rename": { app, _, _ in try app.rename(id("t256"), to: id("t256b")) },
        "nk3-delete": { app, _, _ in try app.delete(id("issuer:account"), during: .deleting) },
        "nk3-reset": { app, _, _ in try app.reset() },
    ]

    @Test(arguments: SecretsVector.all)
    func `we send what was recorded`(_ vector: SecretsVector) throws {
        let job = try #require(Self.jobs[vector.id])
        let script = try RecordedPackets(vector)
        let (app, channel) = try open(script)
        try job(app, channel, vector)
        #expect(script.deviation == nil)
        #expect(script.isFinished)
    }

    /// Each packet from the key, cut at each length and changed at random, ends in our error or in a result.
    @Test(arguments: SecretsVector.all)
    func `damaged answers end in an error or a result`(_ vector: SecretsVector) throws {
        var generator = SeededGenerator(seed: 3)
        let count = try RecordedPackets(vector).incomingCount
        for index in 0..<count {
            for damage in 0..<96 {
                let script = try RecordedPackets(vector)
                script.isLoose = true
                script.damage(index) { packet in
                    damage < 64 ? Array(packet.prefix(damage)) : mutated(packet, using: &generator)
                }
                guard let (app, channel) = try? open(script) else { continue }
                _ = try? app.list()
                script.rewind()
                _ = try? app.calculate(OATHCredentialID(bytes: [1]), challenge: 1, during: .calculating)
                script.rewind()
                _ = try? app.verifyCode(OATHCredentialID(bytes: [1]), 1)
                script.rewind()
                _ = try? app.changePIN(from: Self.pin, to: Self.pin)
                script.rewind()
                _ = try? app.selectAgain()
                _ = channel
            }
        }
    }

    private func open(_ script: RecordedPackets) throws -> (SecretsApp, APDUChannel) {
        let connection = try CTAPHIDConnection(script, nonce: [1, 2, 3, 4, 5, 6, 7, 8])
        let channel = APDUChannel(
            connection: CTAPHIDCard(connection, command: CTAPHIDCommand(rawValue: SecretsWire.vendorCommand)))
        return (try SecretsApp(channel: channel, continuation: YKOATH.Instruction.sendRemaining), channel)
    }

    private static let rfcKey = Secret("12345678901234567890")
    private static let pin = Secret("12345678")
    private static let hotp = OATHKind(.hotp(counter: 0), .sha1)
    private static func totp(_ algorithm: HashAlgorithm) -> OATHKind { OATHKind(.totp(period: 30), algorithm) }
    private static func id(_ name: String) -> OATHCredentialID { OATHCredentialID(bytes: Array(name.utf8)) }

    private static func expectCode(
        _ app: SecretsApp, _ name: String, _ challenge: UInt64, _ vector: SecretsVector
    ) throws {
        let (digits, word) = try app.calculate(id(name), challenge: challenge, during: .calculating)
        #expect(OneTimePassword.code(truncated: word, digits: digits) == vector.code)
    }
}

/// INIT and SELECT as recorded, then the packets of one vector.
private final class RecordedPackets: PacketConnection {
    let packetLength = 64
    private var steps: [(isOut: Bool, bytes: [UInt8])] = []
    private var position = 0
    private(set) var deviation: String?
    /// Takes whatever is sent, and begins anew with the answers when they are at their end.
    var isLoose = false

    init(_ vector: SecretsVector) throws {
        var vectors = [try SecretsVector.named("nk3-ctaphid-init"), try SecretsVector.named("nk3-select")]
        if vector.id != "nk3-ctaphid-init" { vectors.append(vector) }
        for step in vectors.flatMap(\.steps) {
            steps += step.ctaphidOut.map { (true, bytes(hex: $0) ?? []) }
            steps += step.ctaphidIn.map { (false, bytes(hex: $0) ?? []) }
        }
    }

    var isFinished: Bool { position == steps.count }
    var incomingCount: Int { steps.count { !$0.isOut } }

    func rewind() { position = min(position, 4) }

    func damage(_ index: Int, _ change: ([UInt8]) -> [UInt8]) {
        let place = steps.indices.filter { !steps[$0].isOut }[index]
        steps[place].bytes = change(steps[place].bytes)
    }

    func send(_ packet: WipedBuffer) throws(ConnectionError) {
        guard !isLoose else { return }
        let got = packet.withBytes { [UInt8](copying: $0) }
        guard position < steps.count, steps[position].isOut, steps[position].bytes == got else {
            let expected = position < steps.count ? steps[position].bytes : []
            deviation = deviation ?? difference(expected: expected, got: got)
            throw .usb(USBError(.other, during: .write(endpoint: 1)))
        }
        position += 1
    }

    func receive(timeout: Duration) throws(ConnectionError) -> [UInt8] {
        while isLoose, position < steps.count, steps[position].isOut { position += 1 }
        guard position < steps.count, !steps[position].isOut else {
            throw .usb(USBError(.timeout, during: .read(endpoint: 0x81)))
        }
        defer { position += 1 }
        return steps[position].bytes
    }

    func pause(for duration: Duration) {}
    func close() {}
}
