import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing

/// KeePassXC imports the XML and computes the codes.
@Suite(
    .enabled(
        if: OutsideProgram.isInstalled("keepassxc-cli") && OutsideProgram.isInstalled("oathtool"),
        "keepassxc-cli and oathtool are not installed"))
struct KeePassJudgeTests {
    private static let password = "database"

    private func keepassxc(_ arguments: [String], input: String) throws -> String {
        let output = try #require(OutsideProgram("env")).run(
            ["QT_QPA_PLATFORM=offscreen", "keepassxc-cli"] + arguments, input: Array(input.utf8))
        return String(decoding: output, as: UTF8.self)
    }

    private static func records() throws -> [TokenRecord] {
        let secret = Secret(text: "12345678901234567890")
        return try [
            (Label(issuer: "Example", account: "alice@example.com"), 30, HashAlgorithm.sha1, 6),
            (Label(issuer: "Größe & <Söhne>", account: "bob+x"), 60, .sha256, 8),
            (Label(account: "carol"), 45, .sha512, 7),
        ].map { label, period, algorithm, digits in
            TokenRecord(
                credential: try Credential(
                    label: label, kind: .totp(period: period), algorithm: algorithm, digits: digits, secret: secret))
        }
    }

    @Test func `KeePassXC imports the file and shows the codes, and its export is read again`() throws {
        let records = try Self.records()
        let file = WipedBuffer()
        try #require(FormatList.named("keepassxc")).encode(records, into: file)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-kp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let xml = folder.appendingPathComponent("in.xml").path
        let database = folder.appendingPathComponent("db.kdbx").path
        try Data(file.exposedBytes).write(to: URL(fileURLWithPath: xml))
        _ = try keepassxc(
            ["import", "-q", "-p", xml, database], input: "\(Self.password)\n\(Self.password)\n")
        for record in records {
            let credential = try #require(record.credential)
            guard case .totp(let period) = credential.kind else { continue }
            // A code may change between the two programs; then they are asked again.
            var codes: [String] = []
            for _ in 0..<3 where codes.isEmpty || codes[0] != codes[1] {
                let title = credential.label.issuer ?? credential.label.account
                let shown = try keepassxc(["show", "-q", "-t", database, title], input: "\(Self.password)\n")
                let computed = try #require(OutsideProgram("oathtool")).run([
                    "--totp=\(credential.algorithm.rawValue)", "--time-step-size=\(period)s",
                    "--digits=\(credential.digits)", credential.secret.exposedHex,
                ])
                codes = [shown.filter(\.isNumber), String(decoding: computed, as: UTF8.self).filter(\.isNumber)]
            }
            #expect(codes.first == codes.last)
            #expect(codes.first?.count == credential.digits)
        }
        let exported = try keepassxc(["export", "-q", "-f", "xml", database], input: "\(Self.password)\n")
        let read = try withBytes(of: exported) { (bytes: RawSpan) throws(FormatError) in
            try FormatList.named("keepassxc")?.decode(bytes)
        }
        #expect(read == records)
    }
}
