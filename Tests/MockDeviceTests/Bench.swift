import ByteBuffers
import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// One virtual key on a bus of its own, and the family that drives it.
struct Bench {
    let subject: Subject
    let key: VirtualKey
    let host: VirtualHost

    private var family: any DeviceFamily { subject.family }

    init(_ subject: Subject, memory: [UInt8]? = nil) throws {
        self.subject = subject
        key =
            try memory.map { try VirtualKey(restoring: $0) }
            ?? VirtualKey(model: subject.model, serial: 99_000_001)
        host = VirtualHost([key])
    }

    /// A family with one of its virtual models.
    struct Subject: Sendable, CustomTestStringConvertible {
        let family: any DeviceFamily
        let model: VirtualModel
        var testDescription: String { "\(family.name) \(model.name)" }
        var features: FamilyFeatures { family.features }
        var habits: FamilyHabits { FamilyHabits.of(family, model) }
        var slots: ClosedRange<Int>? { habits.slots ?? features.slots }
        /// Whether the key computes for the host, so that a write can be proven.
        var tellsCodes: Bool { proof(of: .totp(period: 30)) != .labelOnly }
        var firmware: Version { Version(bytes: model.firmware.bytes) ?? Version(0, 0, 0) }

        var hasTouch: Bool { features.touch.isGiven(by: firmware) }

        static let all = Catalog.entries.flatMap { entry in
            entry.virtualModels.map { Subject(family: entry.family, model: $0) }
        }
        /// Those that tell credentials apart by their names.
        static let named = all.filter { $0.features.slots == nil }
        /// The OTP slots of a YubiKey.
        static let slotted = all.filter { $0.family is YubiKeySlots }
        /// Those that compute for the host.
        static let telling = all.filter(\.tellsCodes)

        /// Whether a key of this model takes the credential, as far as its kind goes.
        func takes(_ credential: Credential) -> Bool {
            (try? features.require(credential, place(0), firmware: firmware)) != nil
                && features.algorithmsSince[credential.algorithm].map { firmware >= $0 } != false
        }

        /// What is known after a write of that kind.
        func proof(of kind: Credential.Kind) -> Verification? {
            features.kind(kind).map { habits.proves($0.proof, firmware) }
        }

        /// Where the nth credential of a test goes. Where there are fewer places they are used again.
        func place(_ index: Int, touch: Bool = false) -> WriteOptions {
            WriteOptions(touch: touch, slot: slots.map { $0.lowerBound + index % $0.count })
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
        try subject.habits.begin(session)
        return try body(session)
    }

    /// Enrolls in a session of its own.
    @discardableResult
    func enroll(
        _ credential: Credential, _ options: WriteOptions? = nil, replaces: Bool = false
    ) throws -> Verification {
        try with { session in
            var enrollment = Enrollment(credential, options: options ?? subject.place(0), replaces: replaces)
            return try enrollment.run(on: session)
        }
    }

    /// What the key lists a credential as.
    func name(of credential: Credential, _ options: WriteOptions? = nil) -> String {
        (options ?? subject.place(0)).slot.map { subject.habits.slotName(credential.kind, $0) } ?? credential.label.text
    }

    /// The credential in that place, or of that name where there are no places.
    func find(
        _ credential: Credential, _ options: WriteOptions, _ session: any ProvisioningSession
    ) throws -> StoredCredential {
        let stored = try session.neighbors(of: credential, options)
        let name = name(of: credential, options)
        return try #require(stored.first { options.slot == nil ? $0.name == name : $0.isIn(slot: options.slot) })
    }

    /// What the key computes for a credential, or types at a touch where it computes nothing for the host.
    func code(
        of credential: Credential, _ options: WriteOptions? = nil, at time: UInt64 = 59
    ) throws -> DeviceCode.Value {
        let options = options ?? subject.place(0)
        // Its clock does not stand at all times that tests ask for; its display says what it would compute.
        if subject.features.approvesOnDisplay {
            return .code(try #require(key.code(name: credential.label.text, at: time)))
        }
        if !subject.tellsCodes, let slot = options.slot {
            return .code(try #require(key.code(slot: slot, at: time)))
        }
        guard case .totp(let period) = credential.kind else {
            if subject.features.hotp?.proof == .writeOnly, let slot = options.slot {
                return .code(try #require(key.type(slot: slot)))
            }
            return try code(name(of: credential, options), at: time)
        }
        return try with { session in
            let stored = try find(credential, options, session)
            return try session.code(for: stored.read(period: period, digits: credential.digits), at: time).value
        }
    }

    func names() throws -> [String] { try with { try $0.list().map(\.listedName) } }

    /// What the key computes for the credential of that name.
    func code(_ name: String, at time: UInt64 = 59) throws -> DeviceCode.Value {
        if subject.features.approvesOnDisplay { return .code(try #require(key.code(name: name, at: time))) }
        return try with { session in
            let stored = try #require(try session.list().first { $0.listedName == name })
            return try session.code(for: stored, at: time).value
        }
    }
}

extension StoredCredential {
    /// The name by which a test knows it: the place where there is one.
    var listedName: String {
        place.map { (series.map { $0 + " " } ?? "") + "slot \($0)" } ?? name
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

extension StoredCredential {
    func isIn(slot: Int?) -> Bool { place.map { $0 == slot } ?? (slot.map { name == "slot \($0)" } ?? false) }
}
