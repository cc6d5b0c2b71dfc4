import Foundation
import MockDevices
import Testing

@testable import keyprov

/// What a code costs: the time of a key's clock is a write to its flash, and a touch is a person's.
@Suite struct CodeCostTests {
    @Test(arguments: ["nitrokeypro", "nitrokeypro2", "nitrokeystorage"])
    func `a code costs the same, however many credentials there are`(_ model: String) throws {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named(model))])
        let pin = try file("12345678", on: stage)
        let alone = try transfers(of: pin, enrolling: 1, on: stage)
        #expect(try transfers(of: pin, enrolling: 4, on: stage) == alone)
    }

    /// One for the PIN before the list, one for the PIN before the code.
    @Test func `a code behind the PIN of a Nitrokey 3 takes two touches`() throws {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("nitrokey3"))])
        let key = try #require(stage.keys.first)
        try stage.setPIN(of: key, to: "1234")
        let pin = try file("1234", on: stage)
        for name in ["u1", "u2"] {
            let options = ["--account", name, "--require-pin", "--touch", "--pin-file", pin, "--qr", "none"]
            try #require(stage.run(["enroll"] + options).status == 0)
        }
        let touches = key.touchCount
        #expect(stage.run(["code", "u2", "--pin-file", pin]).status == 0)
        #expect(key.touchCount == touches + 2)
    }

    /// Fills the slots up to the one of that number, then has a code of the first.
    private func transfers(of pin: String, enrolling slot: Int, on stage: Stage) throws -> Int {
        for number in 1...slot {
            let options = ["--account", "u\(number)", "--slot", "\(number)", "--admin-pin-file", pin, "--qr", "none"]
            try #require(stage.run(["enroll", "--replace"] + options).status == 0)
        }
        let key = try #require(stage.keys.first)
        let before = key.transferCount
        #expect(stage.run(["code", "u1"]).status == 0)
        return key.transferCount - before
    }

    private func file(_ text: String, on stage: Stage) throws -> String {
        let file = stage.folder.appendingPathComponent("pin")
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
