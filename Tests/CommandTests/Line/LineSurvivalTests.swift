import ByteBuffers
import Foundation
import KeyProvision
import MockDevices
import SQLiteLedger
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// The line loses nothing, whatever happens to it.
@Suite struct LineSurvivalTests {
    static let models = ["yubikey5", "canokey", "yubikey57"].compactMap(VirtualModel.named)

    @Test(arguments: [1, 3])
    func `a roster is done with as many keys`(jobs: Int) throws {
        let workshop = try Workshop(entries: 12, models: Self.models, spares: 0)
        #expect(try workshop.process(jobs: jobs) == .done)
        try workshop.checkResult()
        try workshop.checkFiles()
    }

    @Test func `a process that is killed at any step is gone on from`() throws {
        var (step, leftInHand) = (0, 0)
        var end = Workshop.End.killed
        while end == .killed {
            step += 1
            let workshop = try Workshop(entries: 2, models: Self.models, spares: 0)
            end = try workshop.process(dyingAt: step)
            leftInHand += try workshop.openLedger().counts(batch: nil).inWork
            if end == .killed { #expect(try workshop.process(seed: UInt64(step)) == .done) }
            try workshop.checkResult()
        }
        #expect(step > 60)
        // A process that is killed frees nothing: the next one does that.
        #expect(leftInHand > 20)
    }

    @Test(arguments: 0..<UInt64(TestScale.faultyBatches))
    func `a batch ends well under faults, pulled keys and kills`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let workshop = try Workshop(entries: 500, models: Self.models, spares: 20)
        let mischief = Desk.Mischief(faults: 15, pulls: 2)
        var end = Workshop.End.killed
        while end == .killed {
            end = try workshop.process(
                dyingAt: Int.random(in: 1...20_000, using: &generator), jobs: 2, mischief: mischief,
                seed: generator.next())
        }
        let secrets = try workshop.checkResult()
        try workshop.checkFiles()
        if seed == 0 { try judge(secrets) }
    }

    /// oathtool computes from the secrets of the ledger what the host computed, which the keys have computed too.
    private func judge(_ secrets: [String: Secret]) throws {
        guard let oathtool = OutsideProgram("oathtool") else { return }
        let time: UInt64 = 1_795_300_000
        for (account, secret) in secrets {
            let text = Base32.encode(secret).withBytes { [UInt8](copying: $0) }
            let theirs = try oathtool.run(["--totp", "--now", "@\(time)", "--base32", "-"], input: text)
            let credential = try Credential(label: Label(account: account), secret: secret)
            let ours = try OneTimePassword.code(for: credential, at: time) + "\n"
            #expect(theirs == Array(ours.utf8))
        }
    }
}

/// How much of what could be done for ever is done: `KEYPROV_FAULTY_BATCHES` says it.
enum TestScale {
    private static let usual = 4
    static let faultyBatches =
        ProcessInfo.processInfo.environment["KEYPROV_FAULTY_BATCHES"].flatMap { Int($0) } ?? usual
}
