import Foundation
import Testing

/// A script of commands and what they have to do, followed by files: a txtar archive, as Go's testscript has it.
///
///     # a comment says what the job is
///     bus yubikey5
///     ? 64 keyprov enroll
///     stderr 'missing expected argument'
///     -- code.txt --
///     contents of a file
struct Transcript: CustomTestStringConvertible, Sendable {
    struct Line: Sendable {
        let number: Int
        /// Words, split at spaces; between single quotes a space is a space, and two quotes are one.
        let words: [String]
    }

    let name: String
    let lines: [Line]
    let files: [(name: String, contents: String)]

    var testDescription: String { name }

    /// Whether it takes a system from the first step of its document to the last, with programs of others.
    var isWalk: Bool { name.hasPrefix("walk-") }

    /// The commands that it runs: what stands after `keyprov`.
    var commands: [[String]] {
        lines.compactMap { line in line.words.firstIndex(of: "keyprov").map { Array(line.words[($0 + 1)...]) } }
    }

    init(name: String, _ text: String) {
        self.name = name
        var lines: [Line] = []
        var files: [(name: String, contents: String)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("-- "), line.hasSuffix(" --") {
                files.append((String(line.dropFirst(3).dropLast(3)), ""))
            } else if let last = files.indices.last {
                files[last].contents += line + "\n"
            } else if !line.isEmpty, !line.hasPrefix("#") {
                lines.append(Line(number: index + 1, words: Self.words(line)))
            }
        }
        self.lines = lines
        // The line break at the end of the archive is that of its last line.
        self.files = files.map {
            ($0.name, $0.contents.hasSuffix("\n\n") ? String($0.contents.dropLast()) : $0.contents)
        }
    }

    /// All of the folder `Transcripts`.
    static let all: [Transcript] = {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Transcripts")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().compactMap { name in
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
                .map { Transcript(name: String(name.dropLast(4)), $0) }
        }
    }()

    static func words(_ line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        var characters = Array(line)[...]
        while let character = characters.popFirst() {
            switch character {
            case "'" where isQuoted && characters.first == "'":
                characters.removeFirst()
                word = (word ?? "") + "'"
            case "'":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
