import ByteBuffers
import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// One virtual key on a bus of its own, and the family that drives it.
struct Bench {
    let family: any DeviceFamily
    let key: VirtualKey
    let host: VirtualHost

    init(_ subject: Subject, memory: [UInt8]? = nil) throws {
        family = subject.family
        key =
            try memory.map { try VirtualKey(restoring: $0) }
            ?? VirtualKey(model: subject.model, serial: 99_000_001)
        host = VirtualHost([key])
    }

    /// A family with one of its virtual models.
    struct Subject: Sendable, CustomTestStringConvertible {
        let family: any DeviceFamily
        let model: VirtualModel
        var testDescription: String { model.name }

        static let all = Catalog.entries.flatMap { entry in
            entry.virtualModels.map { Subject(family: entry.family, model: $0) }
        }
    }

    func open() throws(DeviceError) -> any ProvisioningSession {
        let description: USBDeviceDescription
        do throws(USBError) {
            guard let first = try host.devices().first else { throw USBError(.noDevice, during: .enumerate) }
            description = first
        } catch {
            throw .opening(error)
        }
        return try family.openSession(on: try host.openForSession(description), description, options: SessionOptions())
    }

    /// Opens, works, closes.
    func with<Result>(_ body: (any ProvisioningSession) throws -> Result) throws -> Result {
        let session = try open()
        defer { session.close() }
        return try body(session)
    }

    /// Enrolls in a session of its own.
    @discardableResult
    func enroll(
        _ credential: Credential, _ options: WriteOptions = WriteOptions(), replaces: Bool = false
    ) throws -> Verification {
        try with { session in
            var enrollment = Enrollment(credential, options: options, replaces: replaces)
            return try enrollment.run(on: session)
        }
    }

    func names() throws -> [String] { try with { try $0.list().map(\.name) } }

    /// What the key computes for the credential of that name.
    func code(_ name: String, at time: UInt64 = 59) throws -> DeviceCode.Value {
        try with { session in
            let stored = try #require(try session.list().first { $0.name == name })
            return try session.code(for: stored, at: time).value
        }
    }
}

enum Samples {
    static func secret(_ seed: UInt8 = 0x31, count: Int = 20) -> Secret {
        Secret(WipedBuffer((0..<count).map { seed &+ UInt8(truncatingIfNeeded: $0) }))
    }

    static func totp(
        _ account: String, issuer: String? = "Example", _ algorithm: HashAlgorithm = .sha1, digits: Int = 6,
        period: Int = 30, secret: Secret = secret()
    ) throws -> Credential {
        try Credential(
            label: Label(issuer: issuer, account: account), kind: .totp(period: period), algorithm: algorithm,
            digits: digits, secret: secret)
    }

    static func hotp(_ account: String, counter: UInt64, digits: Int = 6) throws -> Credential {
        try Credential(
            label: Label(issuer: "Example", account: account), kind: .hotp(counter: counter), digits: digits,
            secret: secret())
    }
}

extension Secret {
    convenience init(_ text: String) { self.init(WipedBuffer(Array(text.utf8))) }
}
