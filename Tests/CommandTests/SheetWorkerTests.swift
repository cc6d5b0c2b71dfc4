import Foundation
import TestSupport
import Testing

@testable import keyprov

/// Several programs draw one job. Nobody can tell from what comes out.
@Suite struct SheetWorkerTests {
    private let stage: Stage

    /// More than three parts.
    private static let count = 200

    init() throws {
        // As the program does.
        _ = signal(SIGPIPE, SIG_IGN)
        stage = try Stage()
        let secrets = stage.run(["generate", "--account", "user{n}", "--count", String(Self.count), "--quiet"])
        try write("secrets", secrets.output)
        // The code of one entry is covered, that of the others is not.
        try write(
            "covering.template",
            Array("keyprov-template 1\nqr x=20 y=20 w=40\ntext x=20 y=26 w=80 h=40 size=60 bold \"{issuer}\"".utf8))
    }

    private func path(_ name: String) -> String { stage.folder.appendingPathComponent(name).path }
    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: stage.folder.appendingPathComponent(name))
    }
    private func sheet(_ arguments: String...) -> Stage.Result {
        stage.run(["sheet", "--from", path("secrets")] + arguments)
    }

    @Test(arguments: [
        ["--out", "FOLDER/sheets.pdf"], ["--template", "letter", "--split", "--out", "FOLDER/letters.pdf"],
        ["--template", "inventory", "--out", "FOLDER/list.pdf"],
        ["--template", "label", "--paper", "L7163", "--skip-labels", "3", "--out", "FOLDER/labels.pdf"],
    ])
    func `The file is the same, however many draw it`(_ arguments: [String]) throws {
        let arguments = arguments.map { $0.replacing("FOLDER", with: stage.folder.path) }
        let file = URL(fileURLWithPath: try #require(arguments.last))
        var files: [Data] = []
        for processors in [1, 2, 3, 5] {
            stage.processors = processors
            let result = stage.run(["sheet", "--from", path("secrets")] + arguments)
            #expect(result.status == 0, "\(result.speech)")
            files.append(try Data(contentsOf: file))
            try FileManager.default.removeItem(at: file)
        }
        #expect(Set(files).count == 1)
        _ = try withTemporaryFile(Array(try #require(files.first)), extension: "pdf") { path in
            try #require(OutsideProgram("qpdf")).run(["--check", path])
        }
    }

    @Test func `Pictures come in the order of their entries`() throws {
        stage.processors = 3
        #expect(sheet("--out", path("page-{n}.svg"), "--template", "inventory").status == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path).filter {
            $0.hasSuffix(".svg")
        }
        // 27 rows a page.
        #expect(Set(pages) == Set((1...8).map { "page-\($0).svg" }))
        stage.processors = 1
        #expect(sheet("--out", path("one-{n}.svg"), "--template", "inventory").status == 0)
        for number in 1...8 {
            let files = ["page", "one"].map { FileManager.default.contents(atPath: path("\($0)-\(number).svg")) }
            #expect(files[0] != nil && files[0] == files[1], "\(number)")
        }
    }

    /// Two entries fail, in the parts of two programs; and one is no URI, which is read before they are drawn.
    @Test(arguments: [1, 2, 3, 5]) func `The first failure is told, whoever comes upon one first`(_ processors: Int)
        throws
    {
        let lines = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path("secrets"))), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let covered = "otpauth://totp/MMMM:eve?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=MMMM"
        stage.processors = processors
        var changed = lines
        (changed[100], changed[120], changed[140]) = (covered, covered, "otpauth://totp/x?secret=1")
        for (failing, speech) in [
            (changed, "error: line 141"), (Array(changed.prefix(140)), "error: entry 101:"),
        ] {
            try write("secrets", Array((failing.joined(separator: "\n") + "\n").utf8))
            let result = sheet("--template", path("covering.template"), "--out", path("no.pdf"))
            #expect(result.status != 0)
            #expect(result.speech.contains(speech), "\(result.speech)")
            #expect(!FileManager.default.fileExists(atPath: path("no.pdf")))
        }
    }

    /// In place of the program: one that works, unless it says here that it does not.
    private func install(_ script: String) throws {
        let real = try #require(CompanionProgram.sheets.path)
        let folder = stage.folder.appendingPathComponent("companions")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = folder.appendingPathComponent(CompanionProgram.sheets.name)
        try Data("#!/bin/sh\n\(script)\nexec '\(real)'\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        stage.companionFolder = folder
    }

    @Test(arguments: [
        // At once; after some work; of several only the second one; with the last word too early.
        "kill -9 $$", "exit 0", "head -c 30000 > /dev/null; exit 1", "mkdir \"$0.first\" 2>/dev/null || kill -9 $$",
        "printf '\\023\\000\\000\\000\\000'; exit 0",
        // Not what the form says.
        "printf '\\021\\000\\000\\000'; exit 0", "printf 'garbage, not a frame'; exit 0",
        "printf '\\024\\000\\000\\000\\001x'; exit 0",
    ])
    func `A program that dies is an error and not a file`(_ script: String) throws {
        try install(script)
        stage.processors = 2
        let result = sheet("--out", path("no.pdf"))
        #expect(result.status == 1, "\(result.speech)")
        #expect(
            result.speech.contains("error: the program 'keyprov-sheets' ended before its work was done"),
            "\(result.speech)")
        #expect(!FileManager.default.fileExists(atPath: path("no.pdf")))
    }

    @Test func `As many programs are started as there are processors and parts`() throws {
        try install("mkdir \"$0.$$\"")
        func started() throws -> Int {
            let folder = try #require(stage.companionFolder)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            for name in names where name != CompanionProgram.sheets.name {
                try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
            }
            return names.count - 1
        }
        for (processors, programs) in [(1, 1), (3, 3), (64, 4)] {
            stage.processors = processors
            #expect(sheet("--out", path("sheets-\(processors).pdf")).status == 0)
            #expect(try started() == programs)
        }
    }

    @Test func `A program that has drawn much makes room for another`() throws {
        try install("mkdir \"$0.$$\"")
        try write("small.template", Array("keyprov-template 1\ntext x=20 y=20 \"{account}\"".utf8))
        let secrets = stage.run(["generate", "--account", "user{n}", "--count", "300", "--quiet"])
        try write("secrets", secrets.output)
        stage.processors = 1
        // Four pictures a part, 64 parts a program.
        #expect(sheet("--template", path("small.template"), "--out", path("page-{n}.svg")).status == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        #expect(names.count { $0.hasSuffix(".svg") } == 300)
        let folder = try #require(stage.companionFolder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
    }
}
