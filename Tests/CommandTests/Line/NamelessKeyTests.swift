import KeyProvision
import MockDevices
import SQLiteLedger
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// A key without a serial number while another process has the entry of its name in hand.
@Suite struct NamelessKeyTests {
    @Test func `It may be the key of the other process, and is left alone until it is known which one has the entry`()
        throws
    {
        let bench = try LedgerFolder()
        let model = try #require(VirtualModel.named("onlykey"))
        try bench.write("team.csv", "account\nalice\nbob\n")
        let command = ["batch", "run", bench.path("team.csv"), "--issuer", "Ex", "--slot", "1"]
        #expect(bench.stage.run(command).status == 69)
        bench.stage.attach([model])
        let enroll = ["enroll", "--issuer", "Ex", "--account", "alice", "--slot", "1", "--no-ledger"]
        #expect(bench.stage.run(enroll).status == 0)

        let ledger = try SQLiteLedger(path: bench.ledger) { 1_795_299_200 }
        let batch = try #require(try ledger.batch(named: "team"))
        let run = try ledger.enter(station: "other desk", sealedDataKey: [1], sealedTo: nil)
        let key = KeyIdentity(family: "onlykey", model: "OnlyKey", serial: nil, firmware: nil, isVirtual: true)
        guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else {
            Issue.record("nothing was reserved")
            return
        }
        #expect(entry.roster.account == "alice")
        let terms = CredentialTerms(
            label: try Label(issuer: "Ex", account: "alice"), kind: .totp(period: 30), algorithm: .sha1, digits: 6)
        let attempt = Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: run.id, key: key, slot: 1, terms: terms, sealedSecret: [1])
        try ledger.startWriting(entry.id, attempt)

        let memory = try #require(bench.stage.keys.first).snapshot
        let inWork = bench.stage.run(command + ["--resume"])
        #expect(inWork.status == 75)
        #expect(inWork.speech.contains("OnlyKey at usb:1-1 is in the work of 'other desk'"), "\(inWork.speech)")
        try ledger.finish(entry.id, attempt.id, .labelOnly)
        let used = bench.stage.run(command + ["--resume"])
        #expect(used.speech.contains("OnlyKey at usb:1-1 holds 'alice' of this batch already"), "\(used.speech)")
        #expect(bench.stage.keys.first?.snapshot == memory)
        withExtendedLifetime(run) {}
    }
}
