import ByteBuffers
import Foundation
import MockDevices
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import keyprov

/// Runs a transcript line by line. What each word means stands in `Transcripts/README.md`.
final class TranscriptRunner {
    private let transcript: Transcript
    private let stage: Stage
    private var result = Stage.Result(status: 0, output: [], outputText: "", speech: "")
    private var remembered: [[UInt8]] = []
    private var server: CodeServer?

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    init(_ transcript: Transcript) throws {
        self.transcript = transcript
        stage = try Stage()
        for file in transcript.files {
            let contents = file.contents.replacingOccurrences(of: "$WORK", with: stage.folder.path)
            try Data(contents.utf8).write(to: URL(fileURLWithPath: path(file.name)))
        }
    }

    func run() throws {
        for line in transcript.lines {
            do {
                let isNegated = line.words.first == "!"
                let isPattern = ["stdout", "stderr"].contains(line.words.dropFirst(isNegated ? 1 : 0).first)
                let words = line.words.map {
                    isPattern ? $0 : $0.replacingOccurrences(of: "$WORK", with: stage.folder.path)
                }
                try run(isNegated ? Array(words.dropFirst()) : words, isNegated: isNegated)
            } catch {
                throw Mistake(
                    description: """
                        \(transcript.name).txt:\(line.number): \(line.words.joined(separator: " ")): \(error)
                        [exit \(result.status)]
                        [stdout]
                        \(result.outputText)[stderr]
                        \(result.speech)
                        """)
            }
        }
    }

    private func run(_ words: [String], isNegated: Bool) throws {
        var arguments = words[...]
        switch (arguments.popFirst(), Array(arguments)) {
        case ("keyprov", let arguments): try command(arguments, status: 0)
        case ("?", let words) where words.dropFirst().first == "keyprov":
            try command(Array(words.dropFirst(2)), status: Int32(words[0]))
        case ("stdout", let pattern): try match(result.outputText, pattern, isNegated)
        case ("stderr", let pattern): try match(result.speech, pattern, isNegated)
        case ("cmp", let names) where names.count == 2:
            try check(try contents(names[0]) == contents(names[1]), "they differ")
        case ("exists", let names):
            for name in names {
                try check(FileManager.default.fileExists(atPath: path(name)) != isNegated, name)
            }
        case ("mode", let words) where words.count == 2:
            let mode = try FileManager.default.attributesOfItem(atPath: path(words[1]))[.posixPermissions] as? Int
            try check(mode == Int(words[0], radix: 8), "it has \(mode.map { String($0, radix: 8) } ?? "none")")
        case ("services", ["fail"]): stage.runProgram = { _ in 1 }
        case ("services", ["let-go"]):
            let keys = stage.keys
            stage.runProgram = { _ in
                for key in keys { key.heldInterfaces = [] }
                return 0
            }
        case ("login", let words) where words.count == 1:
            let lines = result.outputText.split(separator: "\n")
            let number = try value(Int(words[0]), "a number")
            try check(lines.indices.contains(number - 1), "no such line")
            let code = String(lines[number - 1])
            try check(try server?.takes(code, at: stage.time) == !isNegated, "the server says no, or takes it wrongly")
        case ("remember", []): remembered = stage.keys.map(\.snapshot)
        case ("unchanged", []): try check(stage.keys.map(\.snapshot) == remembered, "a key's memory changed")
        case (let word?, let arguments): try arrange(word, arguments)
        case (nil, _): break
        }
    }

    /// What is there before the next command runs.
    private func arrange(_ word: String, _ arguments: [String]) throws {
        switch (word, arguments) {
        case ("bus", let names):
            stage.attach(try names.map { try value(VirtualModel.named($0), "no such model") })
        case ("key", let words): try arrangeKey(try key(words), Array(words.dropFirst()))
        case ("watch", let words) where words.count == 2:
            let key = try key(Array(words.dropFirst()))
            let plugs = words[0] == "plug"
            stage.bus.whileWatched { plugs ? key.plug() : key.unplug() }
        case ("process", let words) where words.count == 2:
            try stage.startProcess(try value(Int(words[0]), "a number"), words[1], holding: nil)
        case ("stdin", let words) where words.count == 1: stage.terminal.input = try contents(words[0])
        case ("type", let words) where !words.isEmpty:
            stage.terminal.earlier.set(words.dropLast())
            stage.terminal.line = words.last
        case ("terminal", []): (stage.terminal.outputIsTerminal, stage.terminal.speechIsTerminal) = (true, true)
        case ("env", let words) where words.count == 2: stage.environment[words[0]] = words[1]
        case ("clock", let words) where words.count == 1: stage.time = try value(UInt64(words[0]), "a number")
        case ("broken-pipe", []): stage.outputFailure = EPIPE
        case ("interrupt", let words) where words.count == 1: stage.interruption = Int(words[0])
        case ("remove", let words) where words.count == 1: try FileManager.default.removeItem(atPath: path(words[0]))
        case ("chmod", let words) where words.count == 2:
            let mode = try value(Int(words[0], radix: 8), "an octal number")
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(words[1]))
        case ("copy", let words) where words.count == 2:
            try Data(contents(words[0])).write(to: URL(fileURLWithPath: path(words[1])))
        case ("draw", let words) where words.count == 2:
            let text = Secret(WipedBuffer(try contents(words[1]).filter { $0 != UInt8(ascii: "\n") }))
            let picture = try QRCode(encoding: text).png()
            try Data(picture.withBytes { [UInt8](copying: $0) }).write(to: URL(fileURLWithPath: path(words[0])))
        case ("outside", let words) where !words.isEmpty: try runOutside(words)
        case ("server", let words) where words.count == 1: server = try CodeServer(text(words[0]))
        case ("pictures", ["missing"]): stage.pictureProgram = nil
        case ("answer", let words) where words.count == 2:
            let isFailure = words[1] == "fails"
            let output = isFailure ? [] : [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(words[1]))))
            stage.answers[words[0]] = ProgramAnswer(
                exitCode: isFailure ? 1 : 0, output: Secret(WipedBuffer(output)), isLate: false)
        case ("mkdir", let words) where words.count == 1:
            try FileManager.default.createDirectory(atPath: path(words[0]), withIntermediateDirectories: true)
        default: throw Mistake(description: "no such word")
        }
    }

    private func arrangeKey(_ key: VirtualKey, _ words: [String]) throws {
        let ccid = key.descriptors.configuration.interfaces.first { $0.ccid != nil }?.number ?? 0
        let port = stage.keys.firstIndex { $0 === key }.map { $0 + 1 } ?? 0
        switch (words.first, Array(words.dropFirst())) {
        case ("locked", let code) where code.count == 1: try stage.lock(key, with: code[0])
        case ("locked", []): stage.lock(key)
        case ("pin", let code) where code.count == 1: try stage.setPIN(of: key, to: code[0])
        case ("card", let words) where words.count == 1: try stage.setCard(of: key, words[0])
        case ("denied", []): key.deniesAccess = true
        case ("allowed", []): key.deniesAccess = false
        case ("held", []): key.heldInterfaces = [ccid]
        case ("held", let program) where program.count == 1:
            key.heldInterfaces = [ccid]
            try stage.startProcess(4242, program[0], holding: try stage.bus.devices()[port - 1])
        case ("free", []): key.heldInterfaces = []
        case ("plugged", []): key.plug()
        case ("unplugged", []): key.unplug()
        case ("disabled", []): stage.bus.disable(port: UInt8(port))
        case ("is", let words) where words.count == 1:
            let numbers = words[0].split(separator: ":").compactMap { UInt16($0, radix: 16) }
            try check(numbers.count == 2, "no USB id")
            stage.bus.disguise(port: UInt8(port), as: USBID(vendor: numbers[0], product: numbers[1]))
        case ("untouched", []): key.touch = .never
        case ("released", []):
            try check(key.kernelDriverAttached(0) && (try? key.open().claimInterface(ccid)) != nil, "it is still held")
        case ("fault", let words) where words.count == 2:
            let fault = try value(Fault.allCases.first { "\($0)" == words[0] }, "no such fault")
            key.faults = FaultPlan(fault, atTransfer: key.transferCount + (try value(Int(words[1]), "a number")))
        default: throw Mistake(description: "no such state of a key")
        }
    }

    /// Runs a command and holds what it says to the rules.
    private func command(_ arguments: [String], status: Int32?) throws {
        result = stage.run(arguments)
        try check(result.status == status, "it exited with \(result.status)")
        let spoken = SpokenLines(result.speech, isHelp: arguments.isEmpty)
        if let line = spoken.breakingTheRules { throw Mistake(description: "it said '\(line)'") }
        guard !arguments.contains("--log-secret-bytes") else { return }
        try check(!spoken.tells(stage.random.secrets), "it said a secret")
        // What refuses has nothing to hand out.
        let isRefused = status == ExitStatus.usage.rawValue || status == ExitStatus.badInput.rawValue
        guard isRefused else { return }
        try check(!SpokenLines(result.outputText).tells(stage.random.secrets), "it printed a secret and refused")
    }

    /// Another one's program; `@FILE` stands for what the file says.
    private func runOutside(_ words: [String]) throws {
        let program = try value(OutsideProgram(words[0]), "it is not installed")
        let arguments = try words.dropFirst().map { $0.hasPrefix("@") ? try text(String($0.dropFirst())) : $0 }
        let output = try program.run(arguments)
        result = Stage.Result(status: 0, output: output, outputText: stage.text(output), speech: "")
    }

    /// Of a file, without the line break at its end.
    private func text(_ name: String) throws -> String {
        String(decoding: try contents(name), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private func match(_ text: String, _ pattern: [String], _ isNegated: Bool) throws {
        let expression = try Regex(pattern.joined(separator: " ")).anchorsMatchLineEndings()
        try check(text.contains(expression) != isNegated, isNegated ? "it is there" : "it is not there")
    }

    private func contents(_ name: String) throws -> [UInt8] {
        switch name {
        case "stdout": Array(result.outputText.utf8)
        case "stderr": Array(result.speech.utf8)
        default: Array(stage.text(Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))).utf8)
        }
    }

    private func path(_ name: String) -> String { name.hasPrefix("/") ? name : stage.folder.path + "/" + name }

    private func key(_ words: [String]) throws -> VirtualKey {
        let number = words.first.flatMap { Int($0) } ?? 0
        try check(stage.keys.indices.contains(number - 1), "no such key")
        return stage.keys[number - 1]
    }

    private func value<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw Mistake(description: what) }
        return value
    }

    private func check(_ condition: Bool, _ what: String) throws {
        if !condition { throw Mistake(description: what) }
    }
}
