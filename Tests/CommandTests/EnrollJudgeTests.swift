import Foundation
import MockDevices
import TestSupport
import Testing

@testable import keyprov

/// What `enroll` hands out, judged by programs that know nothing of ours: oathtool computes from the printed secret
/// what the key computed from the one that it holds.
@Suite struct EnrollJudgeTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        let options: [String]
        let oathtool: [String]
        var testDescription: String { options.joined(separator: " ") }
    }

    static let timeBased: [Kind] =
        ["SHA1", "SHA256", "SHA512"].flatMap { algorithm in
            (6...8).map { digits in
                Kind(
                    options: ["--algorithm", algorithm, "--digits", String(digits)],
                    oathtool: ["--totp=\(algorithm.lowercased())", "--digits", String(digits)])
            }
        } + [Kind(options: ["--period", "60"], oathtool: ["--totp=sha1", "--time-step-size", "60s"])]

    @Test(.enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"), arguments: timeBased)
    func `oathtool gives the key's time-based codes`(_ kind: Kind) throws {
        let oathtool = try #require(OutsideProgram("oathtool"))
        let (stage, secret) = try enrolled(kind.options)
        for time: UInt64 in [0, 59, 1_111_111_109, 2_000_000_000, 20_000_000_000] {
            let ours = stage.run(["code", "--at", String(time)])
            #expect(ours.status == 0)
            let theirs = try oathtool.run(kind.oathtool + ["--now", "@\(time)", "--base32", secret])
            #expect(ours.output == theirs, "at \(time)")
        }
    }

    @Test(
        .enabled(if: OutsideProgram.isInstalled("oathtool"), "oathtool is not installed"),
        arguments: [0, 1, 5, 4_294_967_000], [6, 8])
    func `oathtool gives the key's codes from the printed counter on`(_ counter: UInt64, _ digits: Int) throws {
        let oathtool = try #require(OutsideProgram("oathtool"))
        let (stage, secret) = try enrolled(
            ["--type", "hotp", "--counter", String(counter), "--digits", String(digits)])
        let ours = (0..<4).map { _ in stage.run(["code"]).outputText }.joined()
        let theirs = try oathtool.run(
            ["--hotp", "--counter", String(counter), "--window", "3", "--digits", String(digits), "--base32", secret])
        #expect(Array(ours.utf8) == theirs)
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
    func `zbarimg reads the printed URI from the PNG file`() throws {
        let (stage, uri) = try drawn(["--qr", "$WORK/code.png"])
        #expect(try read(stage.folder.appendingPathComponent("code.png").path) == uri)
    }

    @Test(
        .enabled(
            if: OutsideProgram.isInstalled("zbarimg") && OutsideProgram.isInstalled("rsvg-convert"),
            "zbarimg or rsvg-convert is not installed"))
    func `zbarimg reads the printed URI from the SVG file`() throws {
        let (stage, uri) = try drawn(["--qr", "$WORK/code.svg"])
        let convert = try #require(OutsideProgram("rsvg-convert"))
        let picture = try convert.run(
            ["--width", "600", "--keep-aspect-ratio", stage.folder.appendingPathComponent("code.svg").path])
        #expect(try withTemporaryFile(picture, extension: "png", read) == uri)
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
    func `zbarimg reads the printed URI from the blocks in the terminal`() throws {
        let (_, uri, blocks) = try drawnText(["--qr", "terminal"])
        #expect(try withTemporaryFile(Self.pixels(blocks), extension: "pgm", read) == uri)
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
    func `zbarimg reads the codes of a folder in the order of what was printed`() throws {
        let stage = try Stage()
        let folder = stage.folder.path + "/codes"
        let uris = stage.run(["generate", "--account", "u{n}", "--count", "3", "--qr-dir", folder])
            .outputText.split(separator: "\n").map(String.init)
        #expect(try (1...3).map { try read(folder + "/000\($0).png") } == uris)
        #expect(uris.count == 3)
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("python3"), "python3 is not installed"))
    func `json_tool takes every document, whatever a name holds`() throws {
        let python = try #require(OutsideProgram("python3"))
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        let name = #"q"uo\te é 🔑 </script>"#
        for command in [
            ["enroll", "--account", name], ["code"], ["code", "--all"], ["credentials", "list"], ["devices"],
            ["generate", "--account", name], ["doctor"], ["udev-rules"], ["virtual", "list"],
            ["credentials", "rename", name, "--issuer", "tab\u{7F}"], ["credentials", "delete", name],
        ] {
            let result = stage.run(command + ["--json"])
            guard result.status == 0 else { continue }
            _ = try python.run(["-m", "json.tool"], input: result.output)
        }
        let listed = stage.run(["credentials", "list", "--json"])
        #expect(listed.outputText.contains(#""credentials":[]"#), "the delete by that name went through")
    }

    // MARK: Helpers

    private func enrolled(_ options: [String]) throws -> (Stage, secret: String) {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        let result = stage.run(["enroll", "--issuer", "Example", "--account", "alice", "--json"] + options)
        #expect(result.status == 0, "\(result.speech)")
        let document = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let secret = (document?["secret"] as? [String: Any])?["base32"] as? String
        return (stage, try #require(secret))
    }

    private func drawn(_ options: [String]) throws -> (Stage, uri: String) {
        let (stage, uri, _) = try drawnText(options)
        return (stage, uri)
    }

    /// - Returns: the URI that was printed, and the lines after it.
    private func drawnText(_ options: [String]) throws -> (Stage, uri: String, blocks: [Substring]) {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        let result = stage.run(
            ["enroll", "--issuer", "Ünïted & Co", "--account", "alice@example.com"]
                + options.map { $0.replacingOccurrences(of: "$WORK", with: stage.folder.path) })
        #expect(result.status == 0, "\(result.speech)")
        let lines = result.outputText.split(separator: "\n", omittingEmptySubsequences: false)
        let index = try #require(lines.firstIndex { $0.hasPrefix("URI ") })
        let uri = lines[index].drop { $0 != " " }.drop { $0 == " " }
        return (stage, String(uri), Array(lines[(index + 1)...]))
    }

    private func read(_ path: String) throws -> String {
        let output = try #require(OutsideProgram("zbarimg")).run(["--quiet", "--raw", "-Sbinary", path])
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// A picture (PGM) of half blocks as a terminal with light letters on a dark ground shows them.
    private static func pixels(_ lines: [Substring]) -> [UInt8] {
        let scale = 4
        let width = lines.map(\.count).max() ?? 0
        var rows: [[UInt8]] = []
        for line in lines where !line.isEmpty {
            let characters = Array(line) + Array(repeating: " ", count: width - line.count)
            rows.append(characters.map { "█▀".contains($0) ? 255 : 0 })
            rows.append(characters.map { "█▄".contains($0) ? 255 : 0 })
        }
        let header = Array("P5 \(width * scale) \(rows.count * scale) 255\n".utf8)
        return rows.reduce(into: header) { bytes, row in
            let line = row.flatMap { Array(repeating: $0, count: scale) }
            for _ in 0..<scale { bytes += line }
        }
    }
}
