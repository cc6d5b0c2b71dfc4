import TestSupport
import Testing
import USBTransport

@testable import MockDevices
@testable import keyprov

/// Every transfer of a command fails once in each way: what is said follows the rules, tells no secret, and is true.
@Suite struct FailureMessageTests {
    static let exitCodes: Set<Int32> = [0, 1, 69, 74, 75]

    @Test(arguments: Fault.allCases)
    func `A failing enrollment tells what to do, and that works`(_ fault: Fault) throws {
        let transfers = try transferCount(of: ["enroll", "--account", "alice", "--qr", "none"])
        #expect(transfers > 10)
        for number in 1...transfers {
            let stage = try stage(failing: fault, at: number)
            let before = stage.keys[0].snapshot
            let result = stage.run(["enroll", "--account", "alice", "--qr", "none"])
            let place = "\(fault) at transfer \(number): \(result.speech)"
            hold(result, stage, place)
            #expect((result.status == 0) == !result.output.isEmpty, "\(place)")

            stage.keys[0].faults = .none
            if result.status != 0, stage.keys[0].snapshot != before {
                #expect(result.speech.contains("the key may hold 'alice' all the same"), "\(place)")
            }
            if result.status == 0 { continue }
            stage.keys[0].unplug()
            stage.keys[0].plug()
            let again = stage.run(["enroll", "--account", "alice", "--qr", "none", "--replace"])
            #expect(again.status == 0, "after \(place): \(again.speech)")
        }
    }

    @Test(arguments: [Fault.stall, .timeout, .garbled, .unplugAfter])
    func `Other commands that fail follow the rules of messages`(_ fault: Fault) throws {
        let key = try stage()
        #expect(key.run(["enroll", "--account", "a", "--qr", "none"]).status == 0)
        let snapshot = key.keys[0].snapshot
        for command in [["code"], ["credentials", "rename", "a", "--account", "b"], ["doctor"]] {
            for number in 1...(try transferCount(of: command, on: snapshot)) {
                let stage = try stage(failing: fault, at: number, restoring: snapshot)
                let result = stage.run(command)
                hold(result, stage, "\(command) with \(fault) at transfer \(number): \(result.speech)")
            }
        }
    }

    /// YubiKeys switch applications one by one since firmware 5; nobody else is told their program.
    @Test(arguments: [
        ("yubikey5", "switch it on: 'ykman config usb --enable OATH'"),
        ("yubikey4", "the maker's program switches it on, where the key has it and it can be switched"),
    ])
    func `An application that is missing is told with the way that the key has`(_ model: String, _ hint: String) throws
    {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named(model))])
        let isCard: Void? = stage.keys[0].withChip(YubiKeyCard.self) { $0.isOATHEnabled = false }
        try #require(isCard != nil)
        let result = stage.run(["credentials", "list"])
        #expect(result.status == 1)
        #expect(
            result.speech == """
                keyprov: error: the key's application for one-time passwords is missing or switched off
                keyprov: hint: \(hint)

                """)
    }

    private func hold(_ result: Stage.Result, _ stage: Stage, _ place: String) {
        #expect(Self.exitCodes.contains(result.status), "exit \(result.status), \(place)")
        let spoken = SpokenLines(result.speech)
        #expect(spoken.breakingTheRules == nil, "\(place)")
        #expect(!spoken.tells(stage.random.secrets), "\(place)")
        let errors = spoken.lines.filter { $0.hasPrefix("keyprov: error: ") }
        #expect(errors.count == (result.status == 0 ? 0 : 1), "\(place)")
    }

    private func transferCount(of command: [String], on snapshot: [UInt8]? = nil) throws -> Int {
        let stage = try stage(restoring: snapshot)
        #expect(stage.run(command).status == 0)
        return stage.keys[0].transferCount
    }

    private func stage(failing fault: Fault? = nil, at number: Int = 0, restoring snapshot: [UInt8]? = nil) throws
        -> Stage
    {
        let stage = try Stage()
        if let snapshot {
            try stage.attach(restoring: snapshot)
        } else {
            stage.attach([try #require(VirtualModel.named("yubikey5"))])
        }
        if let fault { stage.keys[0].faults = FaultPlan(fault, atTransfer: number) }
        return stage
    }
}
