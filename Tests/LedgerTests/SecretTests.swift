import KeyProvision
import SecretFormats
import Testing

/// Attempts, their sealed secrets, and the data keys that open them.
struct SecretTests {
    @Test(arguments: LedgerMaker.all)
    func `An attempt comes back as it was recorded, its secret only when it is asked for`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let key = KeyIdentity(family: "slots", model: "yubikey5", serial: "0012", firmware: nil, isVirtual: false)
        let id = try bench.reserve(key).id
        let attempt = Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: try bench.currentRun().id, key: key, slot: nil,
            terms: CredentialTerms(
                label: try Label(account: "anna"), kind: .hotp(counter: UInt64(Int64.max)), algorithm: .sha512,
                digits: 6),
            sealedSecret: LedgerBench.secret())
        try bench.ledger.startWriting(id, attempt)
        func stored(withSecrets: Bool) throws -> Attempt? {
            try bench.ledger.entries(EntryQuery(withSecrets: withSecrets), after: nil, limit: 9).first?.attempt
        }
        #expect(try stored(withSecrets: true) == attempt)
        try bench.ledger.finish(id, .writeOnly)
        let verified = try stored(withSecrets: false)
        #expect(verified?.sealedSecret == nil)
        #expect(verified?.verification == .writeOnly)
        #expect(try bench.ledger.attempts(of: id) == [try #require(verified)])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `All attempts of an entry stay in their order`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna")
        let id = try bench.bring(to: .failed, secret: LedgerBench.secret("first"))
        try bench.bring(to: .failed, secret: LedgerBench.secret("second"))
        try bench.bring(to: .verified, secret: LedgerBench.secret("third"))
        try bench.ledger.undo(id)
        try bench.bring(to: .verified, secret: LedgerBench.secret("fourth"))
        let attempts = try bench.ledger.attempts(of: id)
        #expect(attempts.map(\.verification) == [nil, nil, .full, .full])
        #expect(Set(attempts.map(\.id)).count == 4)
        let entry = try bench.ledger.entries(EntryQuery(withSecrets: true), after: nil, limit: 1).first
        #expect(entry?.attempt?.sealedSecret == LedgerBench.secret("fourth"))
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `An attempt without its secret or with a name that was given is refused`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let (first, second) = (bench.nextKey(), bench.nextKey())
        let used = try bench.attempt(on: first)
        try bench.ledger.startWriting(try bench.reserve(first).id, used)
        let id = try bench.reserve(second).id
        let before = try bench.contents()
        for (name, secret) in [(used.id, [1] as [UInt8]?), (try Attempt.ID(from: SystemRandom()), nil)] {
            let attempt = Attempt(
                id: name, run: used.run, key: second, slot: nil, terms: used.terms, sealedSecret: secret)
            #expect(throws: LedgerError.self) { try bench.ledger.startWriting(id, attempt) }
            #expect(try bench.contents() == before)
        }
    }

    @Test(arguments: LedgerMaker.all)
    func `Forgetting erases all attempts, and the data key of a run that is over and has no other`(
        maker: LedgerMaker
    ) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let first = try bench.currentRun().id
        let id = try bench.bring(to: .failed)
        try bench.bring(to: .verified)
        let other = try bench.reserve(bench.nextKey()).id
        #expect(other == id)
        try bench.ledger.release(id)
        let done = try #require(try bench.ledger.entries(EntryQuery(states: [.verified]), after: nil, limit: 1).first)
        try bench.ledger.forget([done.id])
        #expect(try bench.ledger.sealedRun(first)?.dataKey == LedgerBench.dataKey)
        try bench.bring(to: .verified)
        try bench.ledger.forget([id])
        for entry in try bench.ledger.entries(EntryQuery(withSecrets: true), after: nil, limit: 9) {
            #expect(entry.state == .forgotten && entry.attempt?.sealedSecret == nil && entry.attempt != nil)
        }
        // The run may seal more with it.
        #expect(try bench.ledger.sealedRun(first)?.dataKey == LedgerBench.dataKey)
        bench.endRun()
        #expect(try bench.ledger.sealedRun(first) == SealedRun(id: first, dataKey: nil))
        try bench.ledger.compact()
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `The data key of a run stays while one of its secrets does`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        let run = try bench.currentRun().id
        let ids = [try bench.bring(to: .verified), try bench.bring(to: .exported)]
        bench.endRun()
        try bench.ledger.forget([ids[0]])
        #expect(try bench.ledger.sealedRun(run)?.dataKey == LedgerBench.dataKey)
        try bench.ledger.forget([ids[1]])
        #expect(try bench.ledger.sealedRun(run) == SealedRun(id: run, dataKey: nil))
        #expect(try bench.ledger.sealedRun(run + 1) == nil)
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Recipients are set once, and replaced with every data key at once`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        #expect(try bench.ledger.recipients() == nil)
        try bench.ledger.setRecipients(["age1b", "age1a"])
        #expect(try bench.ledger.recipients() == ["age1b", "age1a"])
        #expect(throws: LedgerError.recipientsChanged) { try bench.ledger.setRecipients(["age1c"]) }
        try bench.plan(accounts: "anna")
        try bench.bring(to: .verified)
        let other = try bench.ledger.enter(station: "other", sealedDataKey: [1, 2, 3], sealedTo: nil)
        let before = try bench.contents()
        var calls = 0
        #expect(throws: LedgerError.stopped) {
            try bench.ledger.rekey(to: ["age1d"]) { (old: [UInt8]) throws(LedgerError) in
                calls += 1
                if calls == 2 { throw .stopped }
                return old
            }
        }
        #expect(try bench.contents() == before)
        try bench.ledger.rekey(to: ["age1d"]) { $0 + [9] }
        #expect(try bench.ledger.recipients() == ["age1d"])
        #expect(try bench.ledger.sealedRun(other.id)?.dataKey == [1, 2, 3, 9])
        #expect(try bench.ledger.sealedRun(bench.currentRun().id)?.dataKey == LedgerBench.dataKey + [9])
        #expect(try bench.allEvents().last?.kind == .rekeyed)
        try bench.checkIsClean()
    }
}
