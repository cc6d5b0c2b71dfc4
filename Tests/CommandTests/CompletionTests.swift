import Foundation
import SecretFormats
import SheetJobs
import Testing

@testable import keyprov

/// What a shell offers for the values of options.
@Suite struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func `The script of a shell offers every format, paper and state`(_ shell: String) throws {
        let script = try Stage().run(["--generate-completion-script", shell])
        #expect(script.status == 0)
        let words = Set(script.outputText.split { !($0.isLetter || $0.isNumber || "-.".contains($0)) }.map(String.init))
        let names = FormatList.all.map(\.name) + Medium.all.map(\.name) + EntryFilter.allValueStrings
        #expect(names.filter { !words.contains($0) } == [])
    }

    @Test func `Virtual models are offered wherever a virtual key is named`() throws {
        for (command, option) in [
            (["enroll"], "--virtual"), (["batch", "run"], "--virtual"), (["import"], "--spare-virtual"),
            (["virtual", "create"], "positional@0"), (["virtual", "serve"], "positional@0"),
        ] {
            let offered = try offered(command, option, typed: "yub", Stage())
            #expect(offered.contains("yubikey57"), "\(command)")
        }
    }

    @Test func `Where a word or a file can stand, both are offered`() throws {
        let stage = try Stage()
        let folder = stage.folder.path
        for name in ["one.png", "two.svg", "three.txt"] {
            try Data().write(to: stage.folder.appendingPathComponent(name))
        }
        #expect(try offered(["enroll"], "--qr", typed: "n", stage).contains("none"))
        let pictures = try offered(["enroll"], "--qr", typed: folder + "/", stage)
        #expect(pictures == ["terminal", "none", folder + "/one.png", folder + "/proc/", folder + "/two.svg"])
        let templates = try offered(["sheet"], "--template", typed: folder + "/t", stage)
        #expect(templates.suffix(2) == [folder + "/three.txt", folder + "/two.svg"])
        #expect(templates.contains("letter"))
    }

    /// What the script of bash asks the program, and what it gets.
    private func offered(_ command: [String], _ option: String, typed: String, _ stage: Stage) throws -> [String] {
        let words = ["keyprov"] + command + (option.hasPrefix("-") ? [option, typed] : [typed])
        let result = stage.run(
            ["---completion"] + command + ["--", option, "\(words.count - 1)", "\(typed.utf8.count)"] + words)
        #expect(result.status == 0)
        return result.output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
