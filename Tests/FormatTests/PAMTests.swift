import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing

enum PAMModules {
    static let areInstalled =
        OutsideProgram.isInstalled("pamtester") && OutsideProgram.isInstalled("oathtool")
        && ["libpam_wrapper.so", "libnss_wrapper.so", "security/pam_oath.so", "security/pam_google_authenticator.so"]
            .allSatisfy { library in
                ["/lib/x86_64-linux-gnu/", "/lib/aarch64-linux-gnu/"].contains {
                    FileManager.default.fileExists(atPath: $0 + library)
                }
            }
}

/// The genuine PAM modules log users in with files that were written here.
///
/// pam_wrapper gives pamtester a folder of services of its own, and nss_wrapper user names, so that the system's set-up
/// is neither needed nor touched (cwrap.org). One at a time: pam_wrapper looks for a free folder name and then takes it,
/// and a second one that starts in between takes the same.
@Suite(
    .serialized, .enabled(if: PAMModules.areInstalled, "pamtester, its wrappers or the PAM modules are not installed"))
struct PAMTests {
    private static let secret = Secret(text: "12345678901234567890")

    /// What oathtool says that the code is, now or at a counter.
    private static func code(_ kind: Credential.Kind, digits: Int) throws -> String {
        let moving =
            switch kind {
            case .totp(let period): ["--totp", "--time-step-size=\(period)s"]
            case .hotp(let counter): ["--counter=\(counter)"]
            }
        let output = try #require(OutsideProgram("oathtool")).run(moving + ["--digits=\(digits)", secret.exposedHex])
        return String(decoding: output, as: UTF8.self).filter(\.isNumber)
    }

    private static func record(_ kind: Credential.Kind, digits: Int) throws -> TokenRecord {
        TokenRecord(
            owner: "alice",
            credential: try Credential(
                label: Label(account: "alice"), kind: kind, digits: digits, secret: secret))
    }

    /// Whether the module lets alice in.
    private func login(module: String, folder: URL, code: String) throws -> Bool {
        let me = NSUserName()
        try Data("auth required \(module)\naccount required pam_permit.so\n".utf8)
            .write(to: folder.appendingPathComponent("keyprov"))
        try Data("auth required pam_deny.so\n".utf8).write(to: folder.appendingPathComponent("other"))
        let users = "\(me):x:\(getuid()):\(getgid())::\(folder.path):/bin/sh\nalice:x:60001:60001::/:/bin/sh\n"
        try Data(users.utf8).write(to: folder.appendingPathComponent("passwd"))
        try Data("users:x:\(getgid()):\n".utf8).write(to: folder.appendingPathComponent("group"))
        do {
            _ = try #require(OutsideProgram("sh")).run(
                [
                    "-c", "exec 2>&1 env \"$@\"", "sh", "PAM_WRAPPER=1", "PAM_WRAPPER_SERVICE_DIR=\(folder.path)",
                    "NSS_WRAPPER_PASSWD=\(folder.path)/passwd", "NSS_WRAPPER_GROUP=\(folder.path)/group",
                    "LD_PRELOAD=libpam_wrapper.so libnss_wrapper.so", "pamtester", "keyprov", "alice", "authenticate",
                ], input: Array((code + "\n").utf8))
            return true
        } catch let failure as OutsideProgram.Failure {
            let words = String(decoding: failure.output, as: UTF8.self)
            try #require(words.contains("Authentication failure"), "pamtester did not come to ask the module: \(words)")
            return false
        }
    }

    private func withFile(
        _ format: String, _ record: TokenRecord, _ body: (_ file: URL, _ folder: URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-pam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("secrets")
        let output = WipedBuffer()
        try #require(FormatList.named(format)).encode([record], into: output)
        try Data(output.exposedBytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        try body(file, folder)
    }

    @Test(arguments: [
        (Credential.Kind.totp(period: 30), 6), (.totp(period: 60), 8), (.hotp(counter: 0), 6), (.hotp(counter: 42), 7),
    ]) func `libpam-oath takes the code of its users file, once`(kind: Credential.Kind, digits: Int) throws {
        try withFile("users-oath", Self.record(kind, digits: digits)) { file, folder in
            let module = "pam_oath.so usersfile=\(file.path) window=5"
            let code = try Self.code(kind, digits: digits)
            let wrong = String(repeating: code.hasPrefix("0") ? "9" : "0", count: digits)
            #expect(try !login(module: module, folder: folder, code: wrong))
            #expect(try login(module: module, folder: folder, code: code))
            #expect(try !login(module: module, folder: folder, code: code))
        }
    }

    @Test(arguments: [Credential.Kind.totp(period: 30), .totp(period: 60), .hotp(counter: 1)])
    func `The Google Authenticator module takes the code of its file, once`(kind: Credential.Kind) throws {
        try withFile("google-authenticator", Self.record(kind, digits: 6)) { file, folder in
            let module = "pam_google_authenticator.so secret=\(file.path) user=\(NSUserName())"
            let code = try Self.code(kind, digits: 6)
            #expect(try login(module: module, folder: folder, code: code))
            #expect(try !login(module: module, folder: folder, code: code))
        }
    }

    /// What the module has written into it is read as well: the counter has moved on.
    @Test func `A users file is read after a login`() throws {
        try withFile("users-oath", Self.record(.hotp(counter: 3), digits: 6)) { file, folder in
            let code = try Self.code(.hotp(counter: 3), digits: 6)
            #expect(
                try login(module: "pam_oath.so usersfile=\(file.path)", folder: folder, code: code))
            let format = try #require(FormatList.named("users-oath"))
            let records = try WipedBuffer(Array(Data(contentsOf: file))).withBytes {
                (bytes: RawSpan) throws(FormatError) in
                try format.decode(bytes)
            }
            #expect(records.map(\.credential?.kind) == [.hotp(counter: 4)])
        }
    }
}
