import Foundation
import MockDevices
import SecretFormats
import Testing

@testable import keyprov

@Suite struct BuiltInProfileTests {
    static let all = BuiltInProfiles.all.map(\.name)

    /// The systems that the documents name from which this program was asked for.
    static let named: Set = [
        "pexip-control-center", "pexip-partner-portal", "pexip-partner-analytics", "ies-2fa", "ies-account", "hes-3.8",
        "hes-3.6", "ies", "ipi-client", "ipi-authenticator", "ipi-key", "provconnect", "authy", "google-authenticator",
        "microsoft-authenticator", "lastpass-authenticator", "generic",
    ]

    @Test func `Every file of the folder is built in, under its name, and every named system is there`() throws {
        let folder = Repository.root.appendingPathComponent("Sources/keyprov/Profiles/BuiltIn")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.allSatisfy { $0.hasSuffix(ProfileLibrary.fileExtension) })
        #expect(Self.all == files.map { String($0.dropLast(ProfileLibrary.fileExtension.count)) }.sorted())
        #expect(Set(Self.all) == Self.named)
        for file in BuiltInProfiles.all {
            let url = folder.appendingPathComponent(file.name + ProfileLibrary.fileExtension)
            #expect(file.text() == Array(try Data(contentsOf: url)), "\(file.name)")
        }
    }

    @Test(arguments: all)
    func `A profile cites a source for each fact and uses each source, or says what is unknown`(_ name: String) throws {
        let profile = try profile(name)
        guard name != "generic" else { return }
        var cited = Set(profile.steps.flatMap(\.sources) + profile.notes.flatMap(\.sources))
        for step in profile.steps { #expect(!step.sources.isEmpty, "\(step.text)") }
        for note in profile.notes { #expect(!note.sources.isEmpty, "\(note.value)") }
        for parameter in Parameter.allCases {
            let rule = try #require(profile.rules[parameter], "\(parameter): neither known nor said to be unknown")
            #expect(rule.sources.isEmpty == (rule.taken == .unknown), "\(parameter)")
            cited.formUnion(rule.sources)
        }
        cited.formUnion(try #require(profile.qrForms).sources)
        cited.formUnion((profile.recoveryCodes?.sources ?? []) + (profile.secretOf?.sources ?? []))
        for field in profile.fields where name != "lastpass-authenticator" {
            #expect(!field.sources.isEmpty, "\(field.name)")
        }
        cited.formUnion(profile.fields.flatMap(\.sources))
        #expect(cited == Set(profile.sources.map(\.name)))
        #expect(!profile.unknowns.isEmpty)
        #expect(!profile.steps.isEmpty)
    }

    @Test(arguments: all)
    func `A server asks for a code to confirm, and all profiles take the usual credential`(_ name: String) throws {
        let profile = try profile(name)
        if profile.role == .server { #expect(profile.steps.map(\.code).contains(.confirm)) }
        #expect(try profile.check(credential()) == [])
    }

    @Test func `Pexip and the IPI Enterprise Server ask for a second code to log in`() throws {
        for name in ["pexip-control-center", "pexip-partner-portal", "pexip-partner-analytics", "ies-2fa"] {
            #expect(try profile(name).steps.compactMap(\.code) == [.confirm, .logIn], "\(name)")
        }
    }

    /// Parameter, credential options that have it, and the profiles that are known to refuse or to ignore it.
    static let limits: [(options: [String], parameter: Parameter, wrong: Set<String>)] = {
        let key: Set = ["ipi-key", "ipi-client", "ies", "ies-account", "hes-3.6", "hes-3.8"]
        let server: Set = ["pexip-control-center", "pexip-partner-portal", "pexip-partner-analytics", "provconnect"]
        return [
            (["--type", "hotp"], .type, key.union(["microsoft-authenticator"])),
            (["--algorithm", "SHA256"], .algorithm, key.union(["microsoft-authenticator", "authy"])),
            (["--algorithm", "SHA512"], .algorithm, key.union(["microsoft-authenticator", "authy"])),
            (["--digits", "8"], .digits, key.union(["microsoft-authenticator"])),
            (["--digits", "7"], .digits, key.union(["microsoft-authenticator", "authy"])),
            (["--period", "10"], .period, key.union(["microsoft-authenticator", "google-authenticator", "authy"])),
            (["--period", "60"], .period, key.union(["microsoft-authenticator", "google-authenticator"])),
        ].map { ($0, $1, $2.union(server).union(["ies-2fa"])) }
    }()

    @Test(arguments: all)
    func `What a system is known to refuse or to ignore is an error before the key is touched`(_ name: String) throws {
        let profile = try profile(name)
        guard Self.takesNew(profile) else { return }
        for (options, parameter, wrong) in Self.limits {
            let (stage, before) = try Self.stage()
            let result = stage.run(
                ["enroll", "--account", "a", "--qr", "none", "--profile", name] + options)
            if wrong.contains(name) {
                #expect(result.status == ExitStatus.badInput.rawValue, "\(options)")
                #expect(result.speech.contains("error: \(parameter.rawValue): \(profile.title) "), "\(result.speech)")
                #expect(result.output.isEmpty)
                #expect(stage.keys.map(\.snapshot) == before, "\(options)")
            } else {
                #expect(result.status == 0, "\(options): \(result.speech)")
            }
        }
    }

    @Test(arguments: all)
    func `A server that makes the secret is given none`(_ name: String) throws {
        let profile = try profile(name)
        let (stage, before) = try Self.stage()
        let result = stage.run(["enroll", "--account", "a", "--qr", "none", "--profile", name])
        #expect(result.status == (Self.takesNew(profile) ? 0 : 64), "\(result.speech)")
        #expect((stage.keys.map(\.snapshot) == before) != Self.takesNew(profile))
    }

    @Test func `Each server's secret is taken over at one step, and who takes it names a server that there is`() throws
    {
        for name in Self.all {
            let profile = try profile(name)
            #expect(profile.steps.count { $0.job == .takeOver } == (profile.role == .server ? 1 : 0), "\(name)")
            if let other = profile.secretOf?.value { #expect(try self.profile(other).role == .server, "\(name)") }
            #expect(profile.steps.contains { $0.job == .recoveryCodes } == (profile.recoveryCodes != nil), "\(name)")
        }
    }

    @Test func `The credential of the IPI Enterprise Server's URI fits its profile, another one does not`() throws {
        let uri =
            "otpauth://totp/HES.Web:admin@hideez.com?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=HES.Web&digits=6"
        let profile = try profile("ies-2fa")
        let made = try Array(uri.utf8).withUnsafeBytes { try OTPAuthURI.decode($0.bytes) }
        #expect(try profile.check(made) == [])
        let short = try Credential(label: made.label, secret: .random(count: 16, from: SystemRandom()))
        #expect(throws: ProfileFailure.parameter(.secretBytes, title: profile.title, takes: ["20"], .refused)) {
            try profile.check(short)
        }
    }

    private func profile(_ name: String) throws -> Profile { try ProfileLibrary().entry(name).profile() }

    private func credential() throws -> Credential {
        try Credential(label: Label(account: "a"), secret: .random(count: 20, from: SystemRandom()))
    }

    /// Whether a secret that is made here is of use there.
    static func takesNew(_ profile: Profile) -> Bool { profile.role != .server && profile.secretOf == nil }

    private static func stage() throws -> (Stage, before: [[UInt8]]) {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        return (stage, stage.keys.map(\.snapshot))
    }
}

/// The files of the project.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
