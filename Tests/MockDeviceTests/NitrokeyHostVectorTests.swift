import ByteBuffers
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision

/// Recorded exchanges of libnitrokey, host side: for the same job we send the same reports, byte by byte, and understand
/// what the key answered. libnitrokey asks for the status before each command and this program once a session, so those
/// reports are passed over where they repeat.
@Suite struct NitrokeyHostVectorTests {
    typealias Job = @Sendable (NitrokeyApp, NitrokeyVector) throws -> Void

    /// By what the vector's description begins with.
    private static let jobs: [(String, Job)] = [
        ("first_authenticate", { app, _ in try app.authenticate(adminPIN, as: .admin) }),
        ("user_authenticate", { app, _ in try app.authenticate(userPIN, as: .user) }),
        (
            "wrong admin PIN",
            { app, _ in
                #expect(throws: DeviceError.wrongPIN(.admin, triesLeft: nil)) {
                    try app.authenticate(Secret("87654321"), as: .admin)
                }
            }
        ),
        (
            "write TOTP slot 0",
            { app, _ in
                try app.write(slot("issuer:account", [], 30), secret: key(20), to: #require(NitrokeySlot(.totp, 1)))
            }
        ),
        (
            "write TOTP slot 14",
            { app, _ in
                try app.write(
                    slot("long", .eightDigits, 60), secret: key(40), to: #require(NitrokeySlot(.totp, 15)))
            }
        ),
        ("set time 59", { app, _ in try app.setTime(59, during: .calculating) }),
        (
            "get TOTP code slot 0",
            { app, _ in
                let code = try app.code(
                    of: #require(NitrokeySlot(.totp, 1)), at: 59, interval: 30, during: .calculating)
                #expect(code.value == 287_082 && code.config == [])
            }
        ),
        (
            "get HOTP code slot 0",
            { app, _ in
                let code = try app.code(of: #require(NitrokeySlot(.hotp, 1)), at: 0, interval: 0, during: .calculating)
                #expect(code.value == 68_254_676 && code.config.contains(.eightDigits))
            }
        ),
        ("erase TOTP slot 0", { app, _ in try app.erase(#require(NitrokeySlot(.totp, 1)), during: .deleting) }),
    ]

    /// Token ids are not written by this program, and names are read with the rest of the slot.
    private static let undriven = ["write HOTP slot 0", "read slot name"]

    @Test func `every vector is driven, or not a job of this program`() {
        for vector in NitrokeyVector.exchanges {
            let matches = Self.jobs.map(\.0).filter(vector.description.hasPrefix)
            let isUndriven = Self.undriven.contains(where: vector.description.hasPrefix)
            #expect(matches.count == (isUndriven ? 0 : 1), "\(vector.id)")
        }
    }

    @Test(
        arguments: NitrokeyVector.exchanges.filter { vector in !undriven.contains(where: vector.description.hasPrefix) }
    )
    func `we send what was recorded`(_ vector: NitrokeyVector) throws {
        let job = try #require(Self.jobs.first { vector.description.hasPrefix($0.0) }).1
        let script = RecordedReports(try #require(vector.reports))
        let app = try open(vector, script)
        try job(app, vector)
        #expect(script.deviation == nil)
        #expect(script.isFinished, "\(vector.id)")
    }

    @Test func `the checksum is the STM32's`() throws {
        let vector = try #require(NitrokeyVector.all.first { $0.zero60 != nil })
        for (bytes, expected) in [
            ([UInt8](repeating: 0, count: 60), vector.zero60), ((0..<60).map { UInt8($0) }, vector.counting60),
        ] {
            let crc = WipedBuffer(bytes).withBytes { STM32Checksum.compute($0) }
            let littleEndian = (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) }
            #expect(hex(littleEndian) == expected)
        }
    }

    /// An echo that differs in any byte keeps the write from being sent.
    @Test func `a wrong echo ends before the write`() throws {
        let vector = try NitrokeyVector.named("nkpro-pro15-04")
        let reports = try #require(vector.reports)
        for index in reports.indices where reports[index].dir == "get" && reports[index].bytes[1] == 0x17 {
            for byte in 7..<22 {
                var changed = reports
                var bytes = reports[index].bytes
                bytes[byte] ^= 0x01
                changed[index] = NitrokeyVector.Report(dir: "get", hex: hex(bytes))
                let script = RecordedReports(changed)
                let app = try open(vector, script)
                #expect(throws: DeviceError.verificationFailed) {
                    try app.write(
                        Self.slot("long", .eightDigits, 60), secret: Self.key(40),
                        to: #require(NitrokeySlot(.totp, 15)))
                }
                #expect(!script.sentCommands.contains(0x01))
            }
        }
    }

    /// Answers cut at each length and changed at random end in our error or in a result.
    @Test(arguments: NitrokeyVector.exchanges)
    func `damaged answers end in an error or a result`(_ vector: NitrokeyVector) throws {
        var generator = SeededGenerator(seed: 5)
        let answers = try #require(vector.reports).filter { $0.dir == "get" }.map(\.bytes)
        for answer in answers {
            let damaged =
                (0..<answer.count).map { Array(answer.prefix($0)) }
                + (0..<100).map { _ in mutated(answer, using: &generator) }
            for bytes in damaged {
                let script = RecordedReports([])
                script.always = bytes
                _ = NitrokeyReport.Response(parsing: bytes)
                let channel = NitrokeyChannel(script, limits: .pro)
                _ = try? NitrokeyApp(channel, .storage, random: FixedRandom(bytes: []))
                let app = try? NitrokeyApp(channel, .pro, random: FixedRandom(bytes: []))
                let slot = try #require(NitrokeySlot(.totp, 1))
                _ = try? app?.read(slot, during: .listing)
            }
        }
    }

    // MARK: Parts

    private static let adminPIN = Secret("12345678")
    private static let userPIN = Secret("123456")

    private static func slot(_ name: String, _ config: NitrokeySlotConfig, _ counter: UInt64) -> NitrokeyApp.Slot {
        NitrokeyApp.Slot(name: Array(name.utf8), config: config, counter: counter)
    }

    private static func key(_ count: Int) -> Secret {
        Secret(WipedBuffer((0..<count).map { UInt8(ascii: "0") + UInt8(($0 + 1) % 10) }))
    }

    /// A session of the firmware of the vector, with the temporary passwords of the recordings.
    private func open(_ vector: NitrokeyVector, _ script: RecordedReports) throws -> NitrokeyApp {
        let isStorage = vector.firmware.hasPrefix("st")
        let asksCodes = vector.description.contains("with user temporary password")
        let identity = StatusReports(
            isStorage: isStorage, minor: UInt8(vector.firmware.drop { $0.isLetter }) ?? 0, protectsCodes: asksCodes)
        let connection = SwitchedReports(identity, then: script)
        let passwords = FixedRandom(
            bytes: vector.description.hasPrefix("user_auth") || asksCodes
                ? Array("tempuser0123456789abcdef".utf8) + [0] : Array("tempadmin0123456789abcde".utf8) + [0])
        let channel = NitrokeyChannel(connection, limits: .pro)
        let app = try NitrokeyApp(channel, isStorage ? .storage : .pro, random: passwords)
        if !vector.description.contains("authenticate"), !vector.description.contains("wrong") {
            connection.accepts = true
            try app.authenticate(asksCodes ? Self.userPIN : Self.adminPIN, as: asksCodes ? .user : .admin)
        }
        connection.isSwitched = true
        return app
    }
}

private final class FixedRandom: RandomSource, @unchecked Sendable {
    private let bytes: [UInt8]
    init(bytes: [UInt8]) { self.bytes = bytes }

    func fill(_ target: inout MutableRawSpan) {
        for index in 0..<min(target.byteCount, bytes.count) {
            target.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
    }
}

/// The recorded reports. The status that libnitrokey asks for first is passed over.
private final class RecordedReports: ReportConnection {
    let reportLength = 64
    private var steps: ArraySlice<(isSet: Bool, bytes: [UInt8])>
    private(set) var deviation: String?
    private(set) var sentCommands: [UInt8] = []
    /// Answers this to everything.
    var always: [UInt8]?

    init(_ reports: [NitrokeyVector.Report]) {
        steps =
            reports.filter { report in
                let command = report.dir == "set" ? report.bytes[0] : report.bytes[1]
                return command != 0x00 && command != 0x2E
            }.map { ($0.dir == "set", $0.bytes) }[...]
    }

    var isFinished: Bool { steps.isEmpty }

    func send(_ report: WipedBuffer) throws(ConnectionError) {
        guard always == nil else { return }
        let got = report.withBytes { [UInt8](copying: $0) }
        sentCommands.append(got[0])
        guard let next = steps.popFirst(), next.isSet, next.bytes == got else {
            deviation = deviation ?? "sent \(hex(got))"
            throw .usb(USBError(.other, during: .control(request: 9)))
        }
    }

    func receive() throws(ConnectionError) -> [UInt8] {
        if let always { return always }
        guard let next = steps.popFirst(), !next.isSet else {
            throw .usb(USBError(.other, during: .control(request: 1)))
        }
        return next.bytes
    }

    func pause(for duration: Duration) {}
    func close() {}
}

/// Answers the two questions for the status, and takes a PIN where it is told to.
private final class StatusReports {
    let isStorage: Bool
    let minor: UInt8
    let protectsCodes: Bool

    init(isStorage: Bool, minor: UInt8, protectsCodes: Bool) {
        (self.isStorage, self.minor, self.protectsCodes) = (isStorage, minor, protectsCodes)
    }

    func answer(to request: [UInt8]) -> [UInt8] {
        var report = [0, request[0]] + request.suffix(4) + [UInt8](repeating: 0, count: 58)
        if request[0] == 0x00 {
            report[7] = isStorage ? 1 : minor
            report[16] = protectsCodes ? 1 : 0
        } else if request[0] == 0x2E {
            report.replaceSubrange(29..<31, with: [0x18, 0x33])
            report[34] = minor
        }
        return report
    }
}

private final class SwitchedReports: ReportConnection {
    let reportLength = 64
    private let status: StatusReports
    private let script: RecordedReports
    private var request: [UInt8] = []
    var accepts = false
    var isSwitched = false

    init(_ status: StatusReports, then script: RecordedReports) { (self.status, self.script) = (status, script) }

    func send(_ report: WipedBuffer) throws(ConnectionError) {
        if isSwitched { return try script.send(report) }
        request = report.withBytes { [UInt8](copying: $0) }
    }

    func receive() throws(ConnectionError) -> [UInt8] {
        isSwitched ? try script.receive() : status.answer(to: request)
    }

    func pause(for duration: Duration) {}
    func close() {}
}
