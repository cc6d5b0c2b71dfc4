import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import keyprov

@Suite struct TranscriptTests {
    @Test(arguments: Transcript.all.filter { !$0.isWalk })
    func `A transcript holds`(_ transcript: Transcript) throws {
        #expect(!transcript.commands.isEmpty, "\(transcript.name) runs nothing")
        try TranscriptRunner(transcript).run()
    }

    /// From the first step of its document to the last.
    @Test(
        .enabled(
            if: ["oathtool", "qrencode", "rsvg-convert", "zbarimg", "convert"].allSatisfy(OutsideProgram.isInstalled),
            "oathtool, qrencode, rsvg-convert, zbarimg or convert is not installed"),
        arguments: Transcript.all.filter(\.isWalk))
    func `A system is walked through`(_ transcript: Transcript) throws { try TranscriptRunner(transcript).run() }

    @Test func `Every system with a profile is walked through`() {
        let walked = Transcript.all.filter(\.isWalk).flatMap(\.commands)
        for name in BuiltInProfileTests.all where name != "generic" {
            #expect(
                walked.contains {
                    $0.first == "import" && zip($0, $0.dropFirst()).contains { $0 == ("--profile", name) }
                },
                "\(name)")
        }
    }

    @Test func `There are transcripts`() { #expect(Transcript.all.count >= 10) }

    /// Reads the tree of commands from the parser itself, so that a new command or option asks for its line here.
    @Test func `Every command and every option occurs in a transcript`() throws {
        let runs = Transcript.all.flatMap(\.commands)
        let commands = CommandTree.commands
        #expect(commands.count > 10)
        for command in commands {
            let ownRuns = runs.filter { $0.starts(with: command.path) }
                .map { $0.dropFirst(command.path.count) }
            #expect(!ownRuns.isEmpty, "keyprov \(command.path.joined(separator: " "))")
            for option in command.options {
                #expect(
                    ownRuns.contains { $0.contains(option) },
                    "keyprov \(command.path.joined(separator: " ")) \(option)")
            }
        }
    }

    /// A command without a name is asked for that of its type, which every start of the program pays for.
    @Test func `Every command names itself`() {
        func check(_ command: any ParsableCommand.Type) {
            #expect(command.configuration.commandName != nil, "\(command)")
            for inner in command.configuration.subcommands { check(inner) }
        }
        check(Keyprov.self)
    }

    @Test(arguments: keyprov.ExitStatus.allCases)
    func `Every exit code occurs in a transcript`(_ status: keyprov.ExitStatus) {
        let lines = Transcript.all.flatMap(\.lines)
        #expect(
            lines.contains { line in
                status == .success
                    ? line.words.first == "keyprov"
                    : line.words.starts(with: ["?", String(status.rawValue), "keyprov"])
            })
    }
}

/// Commands that do something, as the argument parser knows them.
struct CommandTree {
    struct Command {
        let path: [String]
        /// Long names with their hyphens.
        let options: [String]
    }

    static let commands: [Command] = {
        guard let description = try? JSONSerialization.jsonObject(with: Data(Keyprov._dumpHelp().utf8)),
            let root = (description as? [String: Any])?["command"] as? [String: Any]
        else { return [] }
        return leaves(of: root, path: [])
    }()

    private static func leaves(of command: [String: Any], path: [String]) -> [Command] {
        let subcommands = (command["subcommands"] as? [[String: Any]] ?? [])
            .filter { $0["commandName"] as? String != "help" }
        guard subcommands.isEmpty else {
            return subcommands.flatMap { leaves(of: $0, path: path + [$0["commandName"] as? String ?? ""]) }
        }
        let names = (command["arguments"] as? [[String: Any]] ?? [])
            .flatMap { $0["names"] as? [[String: Any]] ?? [] }
            .filter { $0["kind"] as? String == "long" }
        return [Command(path: path, options: names.compactMap { $0["name"] as? String }.map { "--" + $0 })]
    }
}
