import TestSupport
import Testing

@testable import KeyProvision
@testable import MockDevices

/// The administration applet of the virtual CanoKey, which its maker's client asks before anything else.
@Suite struct CanoKeyAdminTests {
    private static let select = "00a4040005f000000000"
    private static let list = "00a10000"
    private static let rightPIN = "0020000006313233343536"
    private static let wrongPIN = "0020000006313233343537"
    private static let resetOATH = "00050000"

    private func bench() throws -> Bench {
        try Bench(try #require(Bench.Subject.all.first { $0.model.name == "canokey" }))
    }

    /// - Returns: the last answer.
    @discardableResult
    private func exchange(_ bench: Bench, _ commands: String...) throws -> String {
        try exchange(bench.key, commands)
    }

    private func exchange(_ key: VirtualKey, _ commands: [String]) throws -> String {
        let commands = try commands.map { try #require(bytes(hex: $0)) }
        let answer = key.withChip(OATHCard.self) { card -> [UInt8] in
            var last: [UInt8] = []
            for command in commands {
                if case .bytes(let answer) = card.transmit(command) { last = answer }
            }
            return last
        }
        return hex(try #require(answer))
    }

    @Test func `it tells firmware, hardware and the serial number that the bus shows`() throws {
        let bench = try bench()
        #expect(try exchange(bench, Self.select, "0031000020") == hex(Array("3.0.1".utf8)) + "9000")
        #expect(try exchange(bench, "0031010020") == hex(Array("CanoKey Pigeon".utf8)) + "9000")
        #expect(try exchange(bench, "0031030020") == "6a86")
        #expect(try exchange(bench, "0032000004") == "990000019000")
    }

    @Test func `a reset empties the OATH applet after the PIN alone`() throws {
        let bench = try bench()
        try bench.enroll(try Samples.totp("alice"))
        #expect(try exchange(bench, Self.select, Self.resetOATH) == "6982")
        #expect(try exchange(bench, Self.wrongPIN) == "63c2")
        #expect(try exchange(bench, "00200000") == "63c2")
        #expect(try exchange(bench, Self.rightPIN) == "9000")
        #expect(try exchange(bench, "00200000") == "9000")
        #expect(try bench.with { try $0.list().count } == 1, "a session that begins ends the one before")
        #expect(try exchange(bench, Self.select, Self.rightPIN, Self.resetOATH) == "9000")
        #expect(try bench.with { try $0.list() } == [])
    }

    @Test func `three wrong PINs block it, and they outlive the power`() throws {
        let bench = try bench()
        #expect(try exchange(bench, Self.select, Self.wrongPIN, Self.wrongPIN) == "63c1")
        let restored = try VirtualKey(restoring: bench.key.snapshot)
        #expect(try exchange(restored, [Self.select, Self.wrongPIN]) == "6983")
        #expect(try exchange(restored, [Self.rightPIN]) == "6983")
        let text = String(decoding: restored.snapshot, as: UTF8.self)
        #expect(text.contains("\"adminTries\" : 0"))
        let many = Array(text.replacing("\"adminTries\" : 0", with: "\"adminTries\" : 4").utf8)
        #expect(throws: VirtualKeyError.invalid(.pin)) { try VirtualKey(restoring: many) }
    }

    @Test func `commands of the OATH applet are none of its own`() throws {
        let bench = try bench()
        #expect(try exchange(bench, Self.select, Self.list) == "6982")
        #expect(try exchange(bench, Self.rightPIN, Self.list) == "6d00")
    }

    @Test func `cut and changed commands harm nothing`() throws {
        var generator = SeededGenerator(seed: 20)
        let bench = try bench()
        for text in [Self.select, Self.wrongPIN, Self.rightPIN, Self.resetOATH, "0031000020", "0032000004"] {
            let command = try #require(bytes(hex: text))
            bench.key.withChip(OATHCard.self) { card in
                _ = card.transmit(bytes(hex: Self.select) ?? [])
                for end in command.indices { _ = card.transmit(Array(command[..<end])) }
                for _ in 0..<200 { _ = card.transmit(mutated(command, using: &generator)) }
            }
        }
        let tries = bench.key.withChip(OATHCard.self) { $0.admin?.tries }
        #expect(tries.map { 0...3 ~= $0 ?? -1 } == true)
    }
}
