import Foundation
import MockDevices
import TestSupport
import Testing

@testable import keyprov

/// Pictures that other people's programs drew, taken in by commands; and pictures of ours, read by other people's.
@Suite(.enabled(if: BuiltProgram.pictures != nil, "the program that reads pictures stands not beside the tests"))
struct ImportPictureTests {
    private static let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    private static let otherSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR"

    /// The server accepts codes of two steps to either side; it computes them by oathtool.
    @Test(.enabled(if: Self.canDraw && OutsideProgram.isInstalled("oathtool"), "qrencode or oathtool is not installed"))
    func `A server takes both codes of the key that took in its picture`() throws {
        let stage = try stage()
        let picture = try draw(
            "otpauth://totp/HES.Web:admin@example.com?secret=\(Self.secret)&issuer=HES.Web&digits=6", stage)
        let result = stage.run(["import", picture, "--confirm"])
        #expect(result.status == 0, "\(result.speech)")
        let codes = result.outputText.split(separator: "\n").map(String.init)
        #expect(codes.count == 2)
        #expect(codes == (try [stage.time, stage.time + 10].map { try Self.window(at: $0)[2] }))
        for (code, time) in zip(codes, [stage.time + 5, stage.time + 75]) {
            #expect(try Self.window(at: time).contains(code), "typed a little later")
        }
        #expect(!(try Self.window(at: stage.time + 200)).contains(codes[0]), "the window ends")
    }

    @Test(.enabled(if: Self.canDraw && OutsideProgram.isInstalled("convert"), "qrencode or convert is not installed"))
    func `Of several codes in one picture, the one that is chosen is taken in`() throws {
        let stage = try stage()
        let parts = try [
            "otpauth://totp/Example:alice?secret=\(Self.secret)&issuer=Example", "https://example.com/",
            "otpauth://totp/Example:bob?secret=\(Self.otherSecret)&issuer=Example",
        ].map { try draw($0, stage) }
        let page = stage.folder.appendingPathComponent("page.jpg").path
        _ = try #require(OutsideProgram("convert")).run(
            parts + ["-bordercolor", "white", "-border", "20", "+append", page])
        let asked = stage.run(["import", page])
        #expect(asked.status == 64)
        #expect(asked.speech.contains("2 credentials were found"))
        #expect(!asked.speech.contains("https"))
        let taken = stage.run(["import", page, "--select", "Example:b*", "--json"])
        #expect(taken.status == 0, "\(taken.speech)")
        #expect(taken.outputText.contains(#""account":"bob""#))
        #expect(!taken.outputText.contains(Self.otherSecret))
    }

    /// A name in a picture comes from whoever made the picture.
    @Test(.enabled(if: Self.canDraw, "qrencode is not installed"), arguments: ["%1B%5B2J", "%0A", "%07", "%C2%9B31m"])
    func `Control characters in a picture never reach the terminal`(_ control: String) throws {
        let stage = try stage()
        for name in ["Ex\(control)ample:alice", "Example:al\(control)ice"] {
            let result = stage.run(["import", try draw("otpauth://totp/\(name)?secret=\(Self.secret)", stage)])
            #expect(result.status == 65)
            let said = result.speech.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
            #expect(said.isEmpty)
            #expect(result.speech.contains("a control character"))
        }
    }

    /// A code can hold bytes that no URI has.
    @Test(.enabled(if: Self.canDraw, "qrencode is not installed"), arguments: ["\u{1B}[2J", "\u{7}", "\u{9B}31m"])
    func `Raw control characters in a picture never reach the terminal`(_ control: String) throws {
        let stage = try stage()
        for text in [
            "otpauth://totp/Example:al\(control)ice?secret=\(Self.secret)",
            "otpauth://totp/a?secret=\(Self.secret)&issuer=Ex\(control)ample",
            "otpauth://totp/a?sec\(control)ret=\(Self.secret)", "https://example.com/\(control)", control,
        ] {
            let result = stage.run(["import", try draw(text, stage)])
            #expect(result.status != 0)
            let said = result.speech.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
            #expect(said.isEmpty, "\(result.speech.debugDescription)")
            #expect(!result.speech.contains(Self.secret))
        }
        #expect(stage.run(["credentials", "list", "--json"]).outputText.contains(#""credentials":[]"#))
    }

    @Test(
        .enabled(if: Self.canDraw, "qrencode is not installed"),
        arguments: [
            "secret=\(Self.secret)&secret=\(Self.otherSecret)",
            "secret=\(Self.secret)&issuer=Right&issuer=Wrong", "secret=\(Self.secret)&issuer=Wrong",
            "secret=\(Self.secret)&digits=6&digits=8", "secret=\(Self.secret)&algorithm=SHA1&algorithm=SHA256",
            "secret=\(Self.secret)&period=30&period=60",
        ])
    func `A picture that contradicts itself is not guessed at`(_ query: String) throws {
        let stage = try stage()
        let before = stage.keys.map(\.snapshot)
        let result = stage.run(["import", try draw("otpauth://totp/Right:alice?\(query)", stage)])
        #expect(result.status == 65, "\(result.speech)")
        #expect(stage.keys.map(\.snapshot) == before)
        #expect(!result.speech.contains(Self.secret))
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"), arguments: [1, 60])
    func `zbarimg reads every page of an export, and the pages make the same credentials again`(_ count: Int) throws {
        let zbarimg = try #require(OutsideProgram("zbarimg"))
        let stage = try stage()
        let (list, folder) = (stage.folder.path + "/list", stage.folder.path + "/pages")
        let made = stage.run([
            "generate", "--issuer", "Example", "--account", "u{n}", "--count", String(count), "--out", list,
        ])
        #expect(made.status == 0)
        let written = stage.run(["convert", list, "--to", "otpauth-migration", "--qr-dir", folder])
        #expect(written.status == 0, "\(written.speech)")
        #expect(written.output.isEmpty)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(pages.count == (count == 1 ? 1 : 4))
        #expect(pages.first == "page-001.png")
        let read = try pages.map { page in
            String(
                decoding: try zbarimg.run(["--quiet", "--nodbus", "--raw", "-Sbinary", folder + "/" + page]),
                as: UTF8.self)
        }
        #expect(read.allSatisfy { $0.hasPrefix("otpauth-migration://offline?data=") })
        let again = stage.run(["convert"] + pages.reversed().map { folder + "/" + $0 } + ["--to", "otpauth"])
        let lines = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
        #expect(again.outputText.split(separator: "\n").sorted() == lines.sorted())
        guard pages.count > 1 else { return }
        let missing = stage.run(["convert"] + pages.dropFirst(2).map { folder + "/" + $0 } + ["--to", "otpauth"])
        #expect(missing.speech.contains("error: pages 1, 2 of \(pages.count) of the export are missing"))
        #expect(missing.output.isEmpty)
    }

    /// A real screen with a code on it, and a real clipboard with text and then with a picture.
    @Test(.enabled(if: Self.hasScreen, "xvfb-run, display, maim or xclip is not installed"))
    func `The screen and the clipboard of an X server are taken in`() throws {
        let stage = try stage()
        let folder = stage.folder.path
        let shown = try draw("otpauth://totp/shown?secret=\(Self.secret)", stage)
        let copied = try draw("otpauth://totp/copied?secret=\(Self.secret)", stage)
        let program = try #require(BuiltProgram.url).path
        let job = "'\(program)' import --virtual yubikey5 --state '\(folder)/state' --json"
        let script = """
            display -window root '\(shown)'
            \(job) --screen
            printf gezdgnbvgy3tqojqgezdgnbvgy3tqojq | xclip -selection clipboard -in > /dev/null 2>&1
            \(job) --clipboard --account text
            xclip -selection clipboard -target image/png -in < '\(copied)' > /dev/null 2>&1
            \(job) --clipboard
            """
        let output = try #require(OutsideProgram("xvfb-run")).run(
            ["--auto-servernum", "--server-args=-screen 0 1280x800x24 -noreset", "sh", "-c", script])
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        for (line, account) in zip(lines, ["shown", "text", "copied"]) {
            #expect(line.contains("\"account\":\"\(account)\""), "\(line)")
        }
    }

    // MARK: Helpers

    private static var hasScreen: Bool {
        ["xvfb-run", "display", "maim", "xclip", "qrencode"].allSatisfy(OutsideProgram.isInstalled)
    }

    private static var canDraw: Bool { OutsideProgram.isInstalled("qrencode") }

    private func stage() throws -> Stage {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        return stage
    }

    private func draw(_ text: String, _ stage: Stage) throws -> String {
        let path = stage.folder.appendingPathComponent("\(UUID().uuidString).png").path
        _ = try #require(OutsideProgram("qrencode")).run(["--output", path, text])
        return path
    }

    /// The codes that the server takes at a time: its own step in the middle.
    private static func window(at time: UInt64) throws -> [String] {
        let oathtool = try #require(OutsideProgram("oathtool"))
        return try (-2...2).map { step in
            let now = "@\(Int(time) + 30 * step)"
            return String(decoding: try oathtool.run(["--totp", "--base32", "--now", now, secret]), as: UTF8.self)
                .trimmingCharacters(in: .newlines)
        }
    }
}
