import Foundation
import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// Recorded exchanges against the device side: the host's bytes go in as recorded, what comes out has to be the
/// recorded answer byte for byte. One session is one key from its making on; its vectors run in the order of the file.
@Suite struct VectorReplayDeviceTests {
    @Test(arguments: RecordedSession.all)
    func `the card answers every recorded command as recorded`(session: RecordedSession) throws {
        let key = try session.makeKey()
        key.usb.withCard { $0.powerOn() }
        for vector in try session.vectors() {
            for apdu in session.preparations[vector.id] ?? [] {
                guard case .bytes(let got) = key.usb.withCard({ $0.transmit(apdu) }) else {
                    Issue.record("before \(vector.id): no answer at once")
                    continue
                }
                #expect(got.suffix(2) == VirtualBench.ok[...], "before \(vector.id)")
            }
            for step in try #require(vector.steps) {
                let answers = try session.commands(step).map { apdu in key.usb.withCard { $0.transmit(apdu) } }
                #expect(answers.dropLast().allSatisfy { $0 == .bytes(VirtualBench.ok) })
                guard case .bytes(let got) = answers.last else {
                    Issue.record("\(vector.id): no answer at once")
                    continue
                }
                expectSame(got, try #require(bytes(hex: step.response)), vector.id)
            }
        }
    }

    @Test(arguments: RecordedSession.all)
    func `the key answers every recorded CCID message as recorded`(session: RecordedSession) throws {
        let key = try session.makeKey()
        let device = try key.open()
        try device.claimInterface(VirtualBench.ccid)
        let bench = VirtualBench(untouched: key, device)
        try bench.powerOn()
        for vector in try session.vectors() {
            for apdu in session.preparations[vector.id] ?? [] {
                #expect(try bench.transmit(apdu).suffix(2) == VirtualBench.ok[...], "before \(vector.id)")
            }
            for step in try #require(vector.steps) {
                guard let out = step.ccidOut, let answer = step.ccidIn else {
                    // Steps that were made by hand have no CCID form; they go out in one of ours.
                    let answers = try session.commands(step).map { try bench.transmit($0) }
                    #expect(answers.dropLast().allSatisfy { $0 == VirtualBench.ok })
                    expectSame(try #require(answers.last), try #require(bytes(hex: step.response)), vector.id)
                    continue
                }
                let got = try bench.exchange(try #require(bytes(hex: out)))
                expectSame(got, try #require(bytes(hex: answer)), vector.id)
            }
        }
    }

    @Test func `every recorded YKOATH vector is replayed or is known to be the host's`() throws {
        let replayed = try RecordedSession.all.flatMap { try $0.vectors().map(\.id) }
        let inFile = try VectorFile.load("yubikey-oath").map(\.id)
        #expect(Set(replayed).count == replayed.count)
        // The derivation of access keys runs on the host.
        let ofTheHost = ["oath-accesskey-foobar", "oath-accesskey-12345678", "oath-accesskey-utf8"]
        #expect(Set(inFile) == Set(replayed + ofTheHost))
    }

    @Test func `every CCID vector has a scene`() throws {
        #expect(try Set(VectorFile.load("ccid").map(\.id)) == Set(ReaderScene.all.map(\.id)))
    }

    @Test(arguments: ReaderScene.all)
    func `a reader of that profile says what was computed`(scene: ReaderScene) throws {
        let vector = try #require(try VectorFile.load("ccid").first { $0.id == scene.id })
        let reader = try VirtualReader(ccid: scene.profile, card: scene.card)
        let device = try reader.open()
        try device.claimInterface(0)
        if scene.isPowered {
            try device.send(VirtualBench.message(0x62), to: 0x01)
            _ = try device.read(upTo: 4096, from: 0x81, timeout: .seconds(1))
        }
        for report in try #require(vector.reports) {
            let expected = try #require(bytes(hex: report.hex))
            if report.dir == "out" {
                try device.send(expected, to: 0x01)
            } else {
                let (endpoint, count): (UInt8, Int) = scene.readsNotification ? (0x82, 8) : (0x81, 4096)
                expectSame(try device.read(upTo: count, from: endpoint, timeout: .seconds(1)), expected, vector.id)
            }
        }
    }

    private func expectSame(_ got: [UInt8], _ expected: [UInt8], _ id: String) {
        #expect(got == expected, "\(id): \(difference(expected: expected, got: got))")
    }
}

extension VirtualBench {
    /// A key in the state it is in: nothing powered, nothing selected.
    init(untouched key: VirtualKey, _ device: any USBDevice) {
        (self.key, self.device) = (key, device)
    }
}

/// The vectors that share one key, and what has to happen between them because the vector that did it was not kept.
struct RecordedSession: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let model: String
    /// Salts and challenges in the order in which the recorded device drew them.
    let random: [UInt64]
    let contains: @Sendable (String) -> Bool
    /// Commands before the vector of that id; each has to succeed.
    let preparations: [String: [[UInt8]]]

    private static let sha256Secret = [UInt8](1...32)
    private static let chained = ["yk-oath-neo-list-chained", "yk-oath-neo-calcall-chained", "yk-oath-neo-errors"]

    static let all = [
        RecordedSession(
            testDescription: "NEO applet", model: "yubikeyneo",
            random: [0x6B0D_3BC7_04FA_0C2E, 0x957B_801B_538B_4B3E, 0x3760_A470_BAF3_F3C5, 0x889F_7380_4B0D_504D],
            contains: { $0.hasPrefix("yk-oath-neo-") && !chained.contains($0) },
            // LIST and CALCULATE ALL show this credential between `issuer:hotp` and `short`; its PUT is only in the
            // other device's vectors.
            preparations: [
                "yk-oath-neo-put-short-key": [
                    VirtualBench.put("60/Big Co:acc60", type: 0x22, digits: 8, secret: sha256Secret)
                ]
            ]),
        RecordedSession(
            testDescription: "YubiKey 5.4.3", model: "yubikey5",
            random: [0xA1B2_C3D4_E5F6_0718, 0xC1C1_C1C1_C1C1_C1C1, 0xC2C2_C2C2_C2C2_C2C2, 0x1122_3344_5566_7788],
            contains: { $0.hasPrefix("yk-oath-yk5-") },
            preparations: [
                // LIST shows an HOTP credential with touch there, whose PUT is in no vector.
                "yk-oath-yk5-put-totp-sha256-8-60": [
                    VirtualBench.put("hotpt", type: 0x11, extra: [0x78, 0x02])
                ],
                // DELETE names a credential that RENAME, in no vector either, has made of `issuer:account`.
                "yk-oath-yk5-delete": [
                    VirtualBench.apdu(
                        0x05,
                        VirtualBench.tlv(0x71, Array("issuer:account".utf8))
                            + VirtualBench.tlv(0x71, Array("issuer:renamed".utf8)))
                ],
            ]),
        RecordedSession(
            testDescription: "NEO applet, long answers", model: "yubikeyneo", random: [],
            contains: { chained.contains($0) },
            // Twelve credentials that the answers list; the recording began with them stored and the applet selected.
            preparations: [
                "yk-oath-neo-list-chained": [VirtualBench.selectOATH]
                    + (0..<12).map { number in
                        let two = (number < 10 ? "0" : "") + String(number)
                        return VirtualBench.put("Issuer number \(two):user\(two)@example.org")
                    }
            ]),
    ]

    func makeKey() throws -> VirtualKey {
        VirtualKey(model: try #require(VirtualModel.named(model)), serial: 1, random: ScriptedRandom(random))
    }

    func vectors() throws -> [VectorFile.Vector] { try VectorFile.load("yubikey-oath").filter { contains($0.id) } }

    /// The commands of a step, of which the last one is answered as recorded. One step says its commands in words.
    func commands(_ step: VectorFile.Step) throws -> [[UInt8]] {
        guard step.apdu == "PUT number 21 with 64-byte names" else { return [try #require(bytes(hex: step.apdu))] }
        return (1...21).map { number in
            let digits = String(number)
            return VirtualBench.put(String(repeating: "n", count: 64 - digits.count) + digits)
        }
    }
}

/// A reader and a card that bring about what a `ccid-` vector describes.
struct ReaderScene: Sendable, CustomTestStringConvertible {
    let id: String
    var profile = CCIDProfile(
        answerToReset: [0x3B, 0xF7, 0x11, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x65] + Array("Canokey".utf8) + [0x99],
        maxMessageLength: 3072, maxIFSD: 3062)
    var card = ScriptedCard()
    var isPowered = true
    var readsNotification = false

    var testDescription: String { id }

    static let all: [ReaderScene] = {
        var chunks = ReaderScene(id: "ccid-chained-usbd-ccid")
        chunks.profile.chunkSize = 54
        chunks.card.answer = .bytes([UInt8](0..<120) + VirtualBench.ok)
        var waiting = ReaderScene(id: "ccid-time-extension")
        waiting.card.answer = .later(.milliseconds(700))
        var mute = ReaderScene(id: "ccid-error-mute")
        mute.card.answer = .mute
        var yubiKey5 = ReaderScene(id: "ccid-power-on-yubikey5", isPowered: false)
        yubiKey5.profile.answerToReset =
            [0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57]
            + Array("YubiKey".utf8) + [0x40]
        return [
            ReaderScene(id: "ccid-power-on", isPowered: false), ReaderScene(id: "ccid-slot-status"), waiting, mute,
            ReaderScene(id: "ccid-notify", isPowered: false, readsNotification: true), chunks, yubiKey5,
        ]
    }()
}

/// A file of vectors.
struct VectorFile: Decodable {
    let vectors: [Vector]

    struct Vector: Decodable, Sendable {
        let id: String
        let steps: [Step]?
        let reports: [Report]?
    }

    struct Step: Decodable, Sendable {
        let apdu: String
        let response: String
        let ccidOut: String?
        let ccidIn: String?
    }

    struct Report: Decodable, Sendable {
        let dir: String
        let hex: String
    }

    static func load(_ name: String) throws -> [Vector] {
        let url = try #require(Bundle.module.url(forResource: "Vectors/\(name)", withExtension: "json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(VectorFile.self, from: Data(contentsOf: url)).vectors
    }
}
