import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// Recorded feature reports against the device side: the host's go in as recorded, what comes out has to be the recorded
/// answer byte for byte.
@Suite struct OTPDeviceVectorTests {
    /// One key from its making on, in the order of the file.
    private static let session = [
        "yk-otp-open", "yk-otp-slot1-hotp6", "yk-otp-slot1-hotp8-tokenid-imf", "yk-otp-slot2-hmac",
        "yk-otp-slot2-totp-1111111109", "yk-otp-slot1-yubiotp-acc", "yk-otp-slot1-wrong-acc", "yk-otp-slot1-update",
        "yk-otp-slot1-hotp-with-acc", "yk-otp-slot2-static", "yk-otp-ndef1", "yk-otp-swap", "yk-otp-delete1",
        "yk-otp-delete2",
    ]
    private static let touches = ["yk-otp-touch-wait-ok", "yk-otp-touch-wait-timeout"]
    private static let others = ["yk-otp-device-info", "yk-otp-selftest-rfc2202", "crc16-samples"]

    @Test func `every vector is replayed`() {
        let frames = OTPVector.all.filter(\.isFrame).map(\.id)
        #expect(Set(Self.session + Self.touches + Self.others + frames) == Set(OTPVector.all.map(\.id)))
    }

    @Test func `a key answers a recorded session as recorded`() throws {
        let bench = try SlotBench()
        for id in Self.session {
            // The statuses show that slot 2 was given a challenge-response configuration with touch in between.
            if id == "yk-otp-slot1-yubiotp-acc" { try bench.run(0x03, SlotBench.record(cfg: 0x2E)) }
            try replay(try OTPVector.named(id), on: bench)
        }
    }

    /// The countdown of the vectors is an example: the pauses before the reports that follow the frame make it. So is the
    /// touch level, which has no touch for slot 2 although that slot asks for one; the session above shows that it should.
    @Test(
        arguments: [
            ("yk-otp-touch-wait-ok", [20, 0, 500, 1000]), ("yk-otp-touch-wait-timeout", [20, 0, 500, 14_000, 1000]),
        ] as [(String, [Int])])
    func `a key waits for a touch as recorded`(_ id: String, _ pauses: [Int]) throws {
        let bench = try SlotBench()
        try bench.run(0x01, SlotBench.record(tkt: 0x60, cfg: 0x40))
        try bench.run(0x01, SlotBench.record(tkt: 0x60, cfg: 0x40))
        try bench.run(0x03, SlotBench.record(cfg: 0x2E))
        bench.key.touch = id.hasSuffix("ok") ? .after(.milliseconds(1500)) : .never
        let vector = try OTPVector.named(id)
        try replay(vector, on: bench, pauses: pauses.map { .milliseconds($0) }) { report in
            var report = report
            if report[7] & 0x40 == 0 { report[5] &= ~0x08 }
            return report
        }
        #expect(bench.key.touchCount == (id.hasSuffix("ok") ? 1 : 0))
    }

    @Test(arguments: OTPVector.all.filter(\.isFrame))
    func `a key takes published frames`(_ vector: OTPVector) throws {
        let bench = try SlotBench()
        try replay(vector, on: bench)
        bench.device.pause(for: .seconds(1))
        let (sequence, touch): (UInt8, UInt8) =
            switch vector.id {
            case "yk-otp-pub-empty-cmd32": (0, 0)
            // Its flags have the bit that makes a slot a challenged one.
            case "yk-otp-pub-fixed-hotp": (1, 0x02)
            default: (1, 0x05)
            }
        #expect(try bench.get() == [0, 5, 4, 3, sequence, touch, 0, 0])
    }

    /// The recorded key has a number and applications that no virtual key has, so its device info is put in.
    @Test func `a response is cut into reports as recorded`() throws {
        let vector = try OTPVector.named("yk-otp-device-info")
        let parts = try #require(vector.reports).filter { $0.isGet && $0.bytes[7] & 0x40 != 0 }.map(\.bytes)
        let whole = parts.flatMap { $0.prefix(7) }
        let response = Array(whole.prefix(Int(whole[0]) + 1))
        var reports = OTPReports(profile: OTPProfile(firmware: VirtualModel.Firmware(5, 4, 3)))
        var now = Duration.zero
        for report in try #require(vector.reports) {
            now += .seconds(1)
            if report.isGet {
                expectSame(reports.report(status: [5, 4, 3, 0, 0, 0], at: now).bytes, report.bytes, vector.id)
            } else {
                reports.take(report.bytes, at: now, touch: nil) { command, payload in
                    #expect(command == 0x13 && payload.allSatisfy { $0 == 0 })
                    return .response(response)
                }
            }
        }
        now += .seconds(1)
        #expect(reports.report(status: [5, 4, 3, 0, 0, 0], at: now).bytes == [0, 5, 4, 3, 0, 0, 0, 0])
    }

    @Test func `a slot answers as RFC 2202 has it`() throws {
        let vector = try OTPVector.named("yk-otp-selftest-rfc2202")
        let bench = try SlotBench()
        try bench.run(0x03, SlotBench.record(key: try unhex(vector.key)))
        let response = try bench.run(0x38, try unhex(vector.challenge))
        #expect(try Array(response.prefix(20)) == unhex(vector.hmac))
        #expect(SlotBench.checksum(Array(response.prefix(22))) == 0xF0B8)
    }

    @Test func `the checksum is Yubico's`() throws {
        let vector = try OTPVector.named("crc16-samples")
        #expect(String(otpChecksum([UInt8](repeating: 0, count: 64)), radix: 16) == vector.crc64Zero)
        #expect(String(otpResidual, radix: 16) == vector.residual)
    }

    // MARK: Replay

    /// - Parameter pauses: before the reports that are asked for after the frame; 50 ms where none is left.
    private func replay(
        _ vector: OTPVector, on bench: SlotBench, pauses: [Duration] = [],
        reading: ([UInt8]) -> [UInt8] = { $0 }
    ) throws {
        var pauses = pauses[...]
        var isSent = false
        for report in try #require(vector.reports) {
            if report.isGet {
                bench.device.pause(for: (isSent ? pauses.popFirst() : nil) ?? .milliseconds(50))
                expectSame(reading(try bench.get()), report.bytes, vector.id)
            } else {
                bench.device.pause(for: .milliseconds(1))
                try bench.set(report.bytes)
                isSent = report.bytes[7] == 0x89
            }
        }
    }

    private func unhex(_ digits: String?) throws -> [UInt8] {
        let digits = try #require(digits)
        return try #require(bytes(hex: digits))
    }

    private func expectSame(_ got: [UInt8], _ expected: [UInt8], _ id: String) {
        #expect(got == expected, "\(id): \(difference(expected: expected, got: got))")
    }
}
