import ArgumentParser
import ByteBuffers
import DirectoryExchange
import Foundation
import KeyProvision
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// Where a roster comes from, and that it can be read as often as it has to be.
@Suite struct RosterSourceTests {
    private let stage: Stage
    private let spools: URL

    init() throws {
        stage = try Stage()
        spools = stage.folder.appendingPathComponent("spools")
        try FileManager.default.createDirectory(at: spools, withIntermediateDirectories: true)
    }

    private func inWorld<Result>(input: String = "", _ body: () throws -> Result) rethrows -> Result {
        var world = World()
        world.terminal = ScriptedTerminal(line: "typed", input: Array(input.utf8))
        let environment = ["TMPDIR": spools.path, "HOME": stage.folder.path, "LDAPTLS_REQCERT": "never"]
        world.environment = { environment[$0] }
        world.speech = Recorder()
        world.companionFolders = [stage.folder.path]
        return try World.$current.withValue(world, operation: body)
    }

    private func source(_ arguments: [String]) throws -> RosterSource {
        try RosterSource(
            RosterOptions.parse(arguments), console: Console(options: try GlobalOptions.parse([])))
    }

    private func accounts(_ source: RosterSource) throws -> [String] {
        var entries = try source.entries()
        var found: [String] = []
        while let entry = try entries.next() { found.append(entry.account) }
        return found
    }

    private func write(_ text: String, _ name: String) throws -> String {
        let file = stage.folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test func `A file is read as often as it is asked for`() throws {
        let path = try write("account\nalice\nbob\n", "roster")
        try inWorld {
            let source = try source([path])
            #expect(try source.check(issuer: nil) { _ throws(RosterObjection) in }.entries == 2)
            #expect(try accounts(source) == ["alice", "bob"])
            #expect(try accounts(source) == ["alice", "bob"])
            #expect((source.name, source.isDirectory) == (path, false))
        }
    }

    @Test func `A file that changed after the check is not worked with`() throws {
        let path = try write("account\nalice\n", "roster")
        try inWorld {
            let source = try source([path])
            _ = try source.check(issuer: nil) { _ throws(RosterObjection) in }
            _ = try write("account\nmallory\n", "roster")
            let error = #expect(throws: RosterFailure.self) { try accounts(source) }
            #expect(error.map { Diagnosis($0).exitCode } == .tryAgain)
            // While it is worked with, too.
            var entries = try self.source([path]).entries()
            #expect(try entries.next()?.account == "mallory")
            _ = try write("account\nmallory\nmalcolm\n", "roster")
            #expect(throws: RosterFailure.self) { while try entries.next() != nil {} }
            // One of the same length: by its time, which a fast test has to set itself.
            let other = try self.source([path])
            _ = try write("account\nmallory\nmalvina\n", "roster")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
            #expect(throws: RosterFailure.self) { try accounts(other) }
        }
    }

    @Test func `The first error ends the work, and tells its place`() throws {
        let path = try write("account,slot\nalice,\nbob,x\n", "roster")
        try inWorld {
            var entries = try source([path]).entries()
            #expect(try entries.next()?.account == "alice")
            let error = #expect(throws: RosterFailure.self) { try entries.next() }
            #expect(error.map { Diagnosis($0).message } == "'\(path)': line 3 ('bob'): slot: not a number")
        }
    }

    @Test func `Standard input is kept in a file without a name`() throws {
        try inWorld(input: "account\nalice\n") {
            let source = try source(["-"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: spools.path) == [])
            #expect(try accounts(source) == ["alice"])
            #expect(try accounts(source) == ["alice"])
            #expect(source.name == "standard input")
        }
    }

    @Test func `What is kept is for this user alone, and readers do not disturb each other`() throws {
        try inWorld {
            let file = try SpoolFile()
            try file.write(WipedBuffer("account\nalice\n".utf8))
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            let kept = descriptors.filter { number in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
                return target.map { $0.hasPrefix(spools.path) && $0.hasSuffix(" (deleted)") } ?? false
            }
            let number = try #require(kept.first.flatMap { Int32($0) })
            var status = stat()
            #expect(fstat(number, &status) == 0)
            #expect((status.st_mode & 0o777, status.st_nlink) == (0o600, 0))
            let (first, second) = (file.open(), file.open())
            let (left, right) = (WipedBuffer(), WipedBuffer())
            try first.read(into: left)
            try second.read(into: right)
            #expect(left.count == 14 && right.count == 14)
            try first.read(into: left)
            #expect(left.count == 14)
        }
    }

    @Test func `A pipe with a name is read once and kept`() throws {
        let path = stage.folder.appendingPathComponent("pipe").path
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread { try? Data("account\nalice\n".utf8).write(to: URL(fileURLWithPath: path)) }
        writer.start()
        try inWorld {
            let source = try source([path])
            #expect(try accounts(source) == ["alice"])
            #expect(try accounts(source) == ["alice"])
        }
    }

    @Test func `A folder is no roster`() {
        #expect(throws: FileError.self) { try inWorld { try source([stage.folder.path]) } }
    }

    // MARK: Directories

    /// Has a script play the program that searches; it notes what it is given.
    private func play(_ answer: String, exit code: Int = 0) throws {
        let notes = stage.folder.path
        let script = """
            #!/bin/bash
            printf '%s\\n' "$@" > '\(notes)/arguments'
            /usr/bin/cat > '\(notes)/input'
            /usr/bin/env > '\(notes)/environment'
            printf '%b' '\(answer)'
            exit \(code)
            """
        // Put there by another process: a program that another test starts at this moment would inherit the open file, and one that
        // is being written cannot be run.
        let path = try write(script, "script")
        _ = try #require(OutsideProgram("install")).run(["-m", "700", path, "\(notes)/keyprov-directory"])
    }

    private func note(_ name: String) throws -> String {
        try String(contentsOf: stage.folder.appendingPathComponent(name), encoding: .utf8)
    }

    private static let search = [
        "--from-ldap", "ldaps://ldap.example.com", "--base", "dc=example", "--bind-dn", "cn=reader",
    ]

    @Test func `A directory gives its people, its program the request, and nobody else the password`() throws {
        try play(#"{"account":"alice"}\n{"account":"bob"}\nend\t2\t0\n"#)
        try inWorld {
            let source = try source(Self.search + ["--ldap-attribute", "name=cn", "--filter", "(uid=*)"])
            #expect(try accounts(source) == ["alice", "bob"])
            #expect(try accounts(source) == ["alice", "bob"])
            #expect(source.isDirectory)
        }
        let request = try #require(
            DirectoryRequest(arguments: try note("arguments").split(separator: "\n").map(String.init)))
        #expect(
            (request.url, request.base, request.bindName) == ("ldaps://ldap.example.com", "dc=example", "cn=reader"))
        #expect(request.filter == "(uid=*)")
        #expect(request.attributes.first == DirectoryRequest.Attribute(column: "name", name: "cn"))
        #expect(request.attributes.filter { $0.column == "name" }.count == 1)
        #expect(request.attributes.contains(DirectoryRequest.Attribute(column: "account", name: "uid")))
        #expect(try note("input") == "typed")
        #expect(try !note("arguments").contains("typed"))
        #expect(try !note("environment").contains("LDAPTLS") && !note("environment").contains("HOME"))
    }

    @Test(arguments: [
        "", #"{"account":"alice"}\n"#, #"{"account":"alice"}\nend\t2"#, #"{"account":"alice"}\nend\t2\t0\nmore"#,
        #"{"account":"alice"}\nend\t-2\t0\n"#, #"{"account":"alice"}"#,
    ])
    func `An answer without its end is no roster`(_ answer: String) throws {
        try play(answer)
        #expect(throws: CommandFailure.self) { try inWorld { try source(Self.search) } }
    }

    @Test func `A program that fails after its end gives no roster`() throws {
        try play(#"{"account":"alice"}\nend\t1\t0\n"#, exit: 1)
        #expect(throws: CommandFailure.self) { try inWorld { try source(Self.search) } }
    }

    @Test func `Without the program it is said which one is missing`() throws {
        let error = #expect(throws: CommandFailure.self) { try inWorld { try source(Self.search) } }
        #expect(error.map { Diagnosis($0).message } == "the program 'keyprov-directory' is missing, which this takes")
    }

    @Test(arguments: [
        (DirectoryFailure.Stage.setup, DirectoryFailure.Code.parameterError, keyprov.ExitStatus.usage),
        (.connecting, .serverDown, .inputOutput), (.encrypting, .connectError, .inputOutput),
        (.binding, .invalidCredentials, .noPermission), (.binding, .strongerAuthRequired, .noPermission),
        (.searching, .insufficientAccessRights, .noPermission), (.searching, .noSuchObject, .badInput),
        (.searching, .invalidDNSyntax, .badInput), (.searching, .filterError, .badInput),
        (.searching, .sizeLimitExceeded, .failed), (.searching, .timeLimitExceeded, .failed),
        (.searching, .referral, .failed), (.searching, .busy, .tryAgain), (.searching, .serverDown, .tryAgain),
        (.searching, .timeout, .tryAgain), (.limit, .sizeLimitExceeded, .failed),
        (.searching, DirectoryFailure.Code(rawValue: 80), .failed),
    ])
    func `What a directory refuses is told`(
        _ stage: DirectoryFailure.Stage, _ code: DirectoryFailure.Code, _ status: keyprov.ExitStatus
    ) throws {
        try play(#"{"account":"alice"}\nerror\t\#(stage.rawValue)\t\#(code.rawValue)\tthe server’s words\n"#, exit: 1)
        let error = #expect(throws: RosterFailure.self) { try inWorld { try source(Self.search) } }
        let diagnosis = Diagnosis(try #require(error))
        #expect(diagnosis.exitCode == status)
        #expect(!diagnosis.message.hasSuffix(".") && diagnosis.message.first?.isUppercase == false)
    }
}
