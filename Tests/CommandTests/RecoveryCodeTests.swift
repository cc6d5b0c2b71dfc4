import ArgumentParser
import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

@Suite struct RecoveryCodeTests {
    static let codes = [
        "0f3a91c2", "7be4d605", "a1b2c3d4", "55aa7719", "e0d9c8b7", "13579bdf", "2468ace0", "deadbea7", "c0ffee42",
        "9a8b7c6d",
    ]

    @Test(arguments: ["\n", "\r\n", " ", "\n\n", "\t\n "])
    func `Ten codes of eight characters are read, one or several a line`(_ separator: String) throws {
        let text = Self.codes.joined(separator: separator)
        for framed in [text, text + "\n", "\n  " + text + "  \r\n\r\n"] {
            #expect(try parse(framed).codes.map(Self.text) == Self.codes)
        }
        let pairs = stride(from: 0, to: 10, by: 2).map { Self.codes[$0] + "   " + Self.codes[$0 + 1] }
        #expect(try parse(pairs.joined(separator: "\n")).codes.map(Self.text) == Self.codes)
    }

    static let mistakes: [(text: String, error: RecoveryCodeError)] = {
        func changed(_ index: Int, _ code: String) -> String {
            var codes = codes
            codes[index] = code
            return codes.joined(separator: "\n")
        }
        return [
            ("", RecoveryCodeError(line: nil, reason: .tooFew(0, expected: 10))),
            (codes.dropLast().joined(separator: "\n"), RecoveryCodeError(line: nil, reason: .tooFew(9, expected: 10))),
            (
                (codes + ["11111111"]).joined(separator: "\n"),
                RecoveryCodeError(line: 11, reason: .tooMany(expected: 10))
            ),
            (changed(2, "a1b2c3d"), RecoveryCodeError(line: 3, reason: .length(7, expected: 8))),
            (changed(3, "a1b2c3d45"), RecoveryCodeError(line: 4, reason: .length(9, expected: 8))),
            (changed(4, "a1b2-3d4"), RecoveryCodeError(line: 5, reason: .character)),
            (changed(5, "a1b2c3dé"), RecoveryCodeError(line: 6, reason: .character)),
            (changed(6, "a1b2c3d\u{0}"), RecoveryCodeError(line: 7, reason: .character)),
            (changed(9, codes[1]), RecoveryCodeError(line: 10, reason: .repeated(line: 2))),
        ]
    }()

    @Test(arguments: mistakes)
    func `A mistake is told with its line and without the code`(_ text: String, _ error: RecoveryCodeError) {
        #expect(throws: error) { try parse(text) }
        let words = Diagnosis(error)
        #expect(words.exitCode == .badInput)
        #expect(!text.split(separator: "\n").contains { "\(words)\(error)".contains($0) })
    }

    @Test func `A list that is cut anywhere is an error, and one changed a little never more than that`() throws {
        let list = Array(Self.codes.joined(separator: "\n").utf8)
        for count in 0..<list.count {
            #expect(throws: RecoveryCodeError.self) { try parse(Array(list[..<count])) }
        }
        var generator = SeededGenerator(seed: 10)
        for _ in 0..<2_000 {
            do throws(RecoveryCodeError) {
                let codes = try parse(mutated(list, using: &generator)).codes
                #expect(codes.count == 10 && codes.allSatisfy { $0.count == 8 })
            } catch {
                #expect(error.line.map { (1...16).contains($0) } ?? true)
            }
        }
    }

    @Test func `The list to tick off has a line and a number for each`() throws {
        let lines = String(decoding: bytes(try parse(Self.codes.joined(separator: " ")).text()), as: UTF8.self)
            .components(separatedBy: "\n")
        #expect(lines.prefix(2) == ["", "Recovery codes, each of which works once:"])
        #expect(lines.count == 13)
        #expect(lines[2] == "[ ]  1  0f3a91c2")
        #expect(lines[11] == "[ ] 10  9a8b7c6d")
    }

    @Test func `The codes are held as secrets and stand in JSON as text`() throws {
        let codes = try parse(Self.codes.joined(separator: " "))
        #expect(!"\(codes)".contains(Self.codes[0]))
        let json = JSONWriter()
        json.object { json.members(codes) }
        json.endLine()
        json.object { json.members(nil as RecoveryCodes?) }
        let documents = bytes(json.buffer).split(separator: UInt8(ascii: "\n"))
            .map { try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] }
        #expect(documents.first??["recovery_codes"] as? [String] == Self.codes)
        #expect(documents.last??["recovery_codes"] is NSNull)
    }

    /// A command of the tests: the options alone.
    private struct Reader: ParsableCommand {
        @OptionGroup var options: RecoveryCodeOptions
    }

    @Test func `The option reads a file or the standard input, in the shape of the profile`() throws {
        let (server, generic) = try (profile("ies-2fa"), profile("generic"))
        try withTemporaryFile(Array(Self.codes.joined(separator: "\n").utf8), extension: "txt") { path in
            let reader = try Reader.parse(["--recovery-codes", path])
            #expect(try reader.options.read(server)?.codes.count == 10)
            #expect(try reader.options.read(generic)?.codes.count == 10)
            let five = try Profile(
                parsing: Array("title: T\nrole: server\nrecovery-codes: 5 of 8".utf8), name: "five")
            #expect(throws: RecoveryCodeError(line: 6, reason: .tooMany(expected: 5))) { try reader.options.read(five) }
        }
        #expect(try Reader.parse([]).options.read(server) == nil)
        var world = World()
        world.terminal = ScriptedTerminal(input: Array(Self.codes.joined(separator: " ").utf8))
        let typed = try World.$current.withValue(world) {
            try Reader.parse(["--recovery-codes", "-"]).options.read(server)
        }
        #expect(typed?.codes.count == 10)
        let missing = try Reader.parse(["--recovery-codes", "/nowhere/codes"])
        #expect(throws: FileError.self) { try missing.options.read(server) }
    }

    private func profile(_ name: String) throws -> Profile { try ProfileLibrary().entry(name).profile() }

    private func parse(_ text: String) throws(RecoveryCodeError) -> RecoveryCodes { try parse(Array(text.utf8)) }

    private func parse(_ text: [UInt8]) throws(RecoveryCodeError) -> RecoveryCodes {
        try WipedBuffer(text).withBytes { bytes throws(RecoveryCodeError) in
            try RecoveryCodes(parsing: bytes, shape: .ipiEnterpriseServer)
        }
    }

    private func bytes(_ buffer: WipedBuffer) -> [UInt8] { buffer.withBytes { [UInt8](copying: $0) } }

    private static func text(_ secret: Secret) -> String {
        secret.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
