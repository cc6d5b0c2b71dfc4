import Foundation
import MockDevices
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// What `enroll --profile` prints, judged by programs that know nothing of ours.
@Suite struct ProfileFormTests {
    /// Profiles that take a secret that is made here.
    static let taking = BuiltInProfiles.all.map(\.name).filter { name in
        (try? ProfileLibrary().entry(name).profile()).map(BuiltInProfileTests.takesNew) ?? false
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"), arguments: taking)
    func `oathtool gives the key's code from the secret in the form`(_ name: String) throws {
        let oathtool = try #require(OutsideProgram("oathtool"))
        for language in try ProfileLibrary().entry(name).profile().languages {
            let stage = try Self.stage()
            let document = try Self.enroll(stage, ["--profile", name, "--language", language.rawValue])
            let fields = try #require(document["fields"] as? [[String: Any]])
            let secret = try #require(fields.first { $0["name"] as? String == "secret" }?["value"] as? String)
            #expect(secret.wholeMatch(of: /[A-Z2-7]{32}/) != nil)
            let time: UInt64 = 1_111_111_109
            let code = stage.run(["code", "--at", String(time)]).output
            #expect(try code == oathtool.run(["--totp", "--now", "@\(time)", "--base32", secret]))
        }
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"))
    func `oathtool takes a secret in small letters, with padding and in groups`() throws {
        let oathtool = try #require(OutsideProgram("oathtool"))
        for bytes in 16...25 {
            let secret = try Secret.random(count: bytes, from: SystemRandom())
            let usual = Self.text(Base32.encode(secret))
            for spelling in [
                SecretSpelling(isLowerCase: true, groupLength: nil, isPadded: true),
                SecretSpelling(isLowerCase: false, groupLength: 4, isPadded: false),
                SecretSpelling(isLowerCase: true, groupLength: 5, isPadded: true),
            ] {
                let shown = Self.text(spelling.text(of: secret))
                #expect(shown.filter { $0 != " " } == Self.text(spelling.plainText(of: secret)))
                #expect(shown.uppercased().filter { $0 != " " && $0 != "=" } == usual)
                let length = spelling.groupLength ?? Int.max
                #expect(shown.components(separatedBy: " ").dropLast().allSatisfy { $0.count == length })
                if spelling.isPadded { #expect(shown.filter { $0 != " " }.count.isMultiple(of: 8)) }
                let codes = try [shown, usual].map { text in
                    try oathtool.run(["--totp", "--now", "@59", "--base32", text])
                }
                #expect(codes[0] == codes[1])
            }
        }
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
    func `zbarimg reads the bare secret where a profile says so, and the URI otherwise`() throws {
        let stage = try Self.stage()
        for (qr, member) in [("secret, uri", "base32"), ("uri, secret", nil), ("none", nil)] {
            let profile = stage.folder.appendingPathComponent("own.profile")
            try Data("title: T\nrole: app\nfield secret: Key\nqr: \(qr)\n".utf8).write(to: profile)
            let picture = stage.folder.appendingPathComponent("\(UUID().uuidString).png").path
            let document = try Self.enroll(stage, ["--profile", profile.path, "--qr", picture, "--replace"])
            let read = try #require(OutsideProgram("zbarimg")).run(["--quiet", "--raw", "-Sbinary", picture])
            let expected =
                member.map { (document["secret"] as? [String: Any])?[$0] } ?? document["uri"] as Any?
            let text = String(decoding: read, as: UTF8.self).trimmingCharacters(in: .newlines)
            #expect(text == expected as? String, "\(qr)")
        }
    }

    @Test func `Settings that a form asks for only where they are unusual are left out otherwise`() throws {
        let names: ([String]) throws -> [String] = { options in
            let document = try Self.enroll(try Self.stage(), ["--profile", "ipi-authenticator"] + options)
            return (document["fields"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        }
        #expect(try names([]) == ["account", "secret"])
        #expect(try names(["--digits", "8"]) == ["account", "secret", "digits"])
        #expect(
            try names(["--algorithm", "SHA256", "--period", "60"]) == ["account", "secret", "algorithm", "period"])
    }

    // MARK: Helpers

    private static func stage() throws -> Stage {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        return stage
    }

    private static func enroll(_ stage: Stage, _ options: [String]) throws -> [String: Any] {
        let result = stage.run(["enroll", "--issuer", "Example", "--account", "alice", "--json"] + options)
        try #require(result.status == 0, "\(result.speech)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
    }

    private static func text(_ secret: Secret) -> String {
        secret.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
