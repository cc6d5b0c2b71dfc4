import KeyProvision
import TestSupport
import Testing

/// Pages, counts and events.
struct ReadingTests {
    @Test(arguments: LedgerMaker.all)
    func `Pages of every length hold each entry once and in order`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        for number in 0..<20 {
            _ = try bench.plan([RosterEntry(account: "a\(number)")], in: number.isMultiple(of: 3) ? other : bench.batch)
        }
        for state in [EntryState.verified, .failed, .exported, .writing, .forgotten, .reserved] {
            try bench.bring(to: state)
        }
        let all = try bench.ledger.entries(EntryQuery(), after: nil, limit: 100)
        #expect(all.count == 20)
        let accounts = [nil, ["a1"], ["a19", "a3", "a0", "nobody", "a3"], []]
        let states: [Set<EntryState>?] = [
            nil, [.planned], [.failed, .verified, .writing], Set(EntryState.allCases), [],
        ]
        for batch in [nil, bench.batch.id, other.id, 99] {
            for states in states {
                for accounts in accounts {
                    let query = EntryQuery(batch: batch, states: states, accounts: accounts)
                    let expected = all.filter { entry in
                        (batch == nil || entry.batch == batch) && (states?.contains(entry.state) ?? true)
                            && (accounts?.contains(entry.roster.account) ?? true)
                    }
                    for limit in [1, 2, 7, 20, 100] {
                        #expect(try pages(bench, query, limit: limit) == expected)
                    }
                }
            }
        }
        #expect(try bench.ledger.entries(EntryQuery(), after: nil, limit: 0) == [])
        #expect(try bench.ledger.entries(EntryQuery(), after: nil, limit: -1) == [])
        #expect(try bench.ledger.entries(EntryQuery(), after: .max, limit: 1) == [])
    }

    @Test(arguments: LedgerMaker.all)
    func `The entries of a key are those that it has or failed at`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        for batch in [bench.batch, other] {
            _ = try bench.plan((0..<3).map { RosterEntry(account: "a\($0)") }, in: batch)
        }
        let run = try bench.currentRun()
        func work(_ serial: String, _ batch: Batch, _ body: (LedgerEntry.ID) throws -> Void) throws {
            let key = LedgerBench.key(serial: serial)
            guard case .reserved(let entry) = try bench.ledger.reserve(for: key, in: batch, run: run) else {
                Issue.record("nothing to reserve")
                return
            }
            try bench.ledger.startWriting(entry.id, bench.attempt(on: key, run: run.id))
            try body(entry.id)
        }
        try work("k1", bench.batch) { try bench.ledger.finish($0, .full) }
        try work("k1", other) { try bench.ledger.fail($0, reason: "x") }
        try work("k2", bench.batch) { try bench.ledger.finish($0, .full) }
        try work("k3", other) { entry in
            try bench.ledger.finish(entry, .full)
            try bench.ledger.undo(entry)
        }
        func found(_ query: EntryQuery) throws -> [String] {
            let entries = try pages(bench, query, limit: 1)
            let counted = try bench.ledger.secretCounts(query).map(\.entries).reduce(0, +)
            #expect(counted == entries.count)
            return entries.map { "\($0.batch == other.id ? "other" : "first") \($0.roster.account) \($0.state)" }
        }
        #expect(try found(EntryQuery(serial: "k1")) == ["first a0 verified", "other a0 failed"])
        #expect(try found(EntryQuery(batch: other.id, serial: "k1")) == ["other a0 failed"])
        #expect(try found(EntryQuery(states: [.verified], serial: "k1")) == ["first a0 verified"])
        #expect(try found(EntryQuery(accounts: ["a1", "a0"], serial: "k2")) == ["first a1 verified"])
        #expect(try found(EntryQuery(accounts: ["a0"], serial: "k2")) == [])
        #expect(try found(EntryQuery(serial: "k3")) == [])
        try bench.checkIsClean()
    }

    private func pages(_ bench: LedgerBench, _ query: EntryQuery, limit: Int) throws -> [LedgerEntry] {
        var (entries, last) = ([LedgerEntry](), LedgerEntry.ID?.none)
        while true {
            let page = try bench.ledger.entries(query, after: last, limit: limit)
            entries += page
            guard page.count == limit else { return entries }
            last = page.last?.id
        }
    }

    @Test(arguments: LedgerMaker.all)
    func `Secrets are counted by the run that sealed them, as the entries of the query say`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        for number in 0..<24 {
            let batch = number.isMultiple(of: 3) ? other : bench.batch
            _ = try bench.plan([RosterEntry(account: "a\(number % 9)", copy: 1 + number / 9)], in: batch)
        }
        #expect(try bench.ledger.secretCounts(EntryQuery()) == [])
        for round in 0..<3 {
            let run = try bench.ledger.enter(
                station: "desk \(round)", sealedDataKey: LedgerBench.dataKey, sealedTo: nil)
            for (step, state) in [EntryState.verified, .failed, .exported, .writing, .forgotten].enumerated() {
                let key = KeyIdentity(
                    family: "ykoath", model: "yubikey5", serial: "\(round)-\(step)", firmware: nil,
                    isVirtual: (round + step).isMultiple(of: 2))
                let batch = step.isMultiple(of: 2) ? bench.batch : other
                guard case .reserved(let entry) = try bench.ledger.reserve(for: key, in: batch, run: run) else {
                    Issue.record("nothing to reserve")
                    continue
                }
                try bench.ledger.startWriting(entry.id, bench.attempt(on: key, run: run.id))
                switch state {
                case .failed: try bench.ledger.fail(entry.id, reason: "x")
                case .writing: break
                default: try bench.ledger.finish(entry.id, .full)
                }
                if state == .exported { try bench.ledger.markExported([entry.id], target: "csv") }
                if state == .forgotten { try bench.ledger.forget([entry.id]) }
            }
        }
        let states: [Set<EntryState>?] = [
            nil, [.planned], [.verified], [.verified, .exported], Set(EntryState.allCases), [],
        ]
        for batch in [nil, bench.batch.id, other.id, 99] {
            for states in states {
                for accounts in [nil, ["a1"], ["a0", "a3", "nobody", "a3"], []] {
                    let query = EntryQuery(batch: batch, states: states, accounts: accounts)
                    #expect(try bench.ledger.secretCounts(query) == counted(bench, query))
                }
            }
        }
        #expect(try bench.ledger.secretCounts(EntryQuery()).count > 3)
    }

    private func counted(_ bench: LedgerBench, _ query: EntryQuery) throws -> [SecretCount] {
        let attempts = try bench.ledger.entries(query, after: nil, limit: 100).compactMap(\.attempt)
        return Dictionary(grouping: attempts) { [$0.run, $0.key.isVirtual ? 1 : 0] }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { SecretCount(run: $0.key[0], isVirtual: $0.key[1] == 1, entries: $0.value.count) }
    }

    @Test(arguments: LedgerMaker.all)
    func `Counts are those of the entries after any number of steps`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        _ = try bench.plan((0..<12).map { RosterEntry(account: "a\($0)") })
        _ = try bench.plan((0..<3).map { RosterEntry(account: "a\($0)") }, in: other)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<60 {
            let state = EntryState.allCases.randomElement(using: &generator) ?? .planned
            if let open = try? bench.bring(to: state), state != .failed, Bool.random(using: &generator) {
                switch state {
                case .reserved: try bench.ledger.release(open)
                case .writing: try bench.ledger.fail(open, reason: "x")
                case .verified, .exported, .forgotten: try bench.ledger.undo(open)
                default: break
                }
            }
            let entries = try bench.ledger.entries(EntryQuery(), after: nil, limit: 100)
            for batch in [nil, bench.batch.id, other.id] {
                let states = entries.filter { batch == nil || $0.batch == batch }.map { ($0.state, 1) }
                #expect(try bench.ledger.counts(batch: batch).byState == Dictionary(states, uniquingKeysWith: +))
            }
        }
        #expect(try bench.ledger.counts(batch: 99) == EntryCounts())
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `Each change is an event that says who, when and what`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.ledger.setRecipients(["age1a"])
        _ = try bench.plan([RosterEntry(account: "anna\nline", issuer: "Ex\\ample", serial: "k1")])
        bench.time.now += 10
        let id = try bench.bring(to: .exported)
        try bench.ledger.forget([id])
        try bench.ledger.undo(id)
        let events = try bench.allEvents()
        #expect(events.map(\.number) == Array(1...Int64(events.count)))
        #expect(
            events.map(\.kind) == [
                .began, .entered, .rekeyed, .planned, .reserved, .writing, .verified, .exported, .forgotten, .undone,
            ])
        let run = try bench.currentRun().id
        #expect(events.map(\.run) == [nil, run, nil, nil, run, run, run, nil, nil, nil])
        #expect(events.map(\.entry) == [nil, nil, nil] + [Int64?](repeating: id, count: 7))
        #expect(events.map(\.batch) == [bench.batch.id, nil, nil] + [Int64?](repeating: bench.batch.id, count: 7))
        #expect(events.map(\.unixTime) == [0, 0, 0, 0, 10, 10, 10, 10, 10, 10].map { LedgerBench.start + $0 })
        #expect(
            events[0].detail == #"""
                name=admins
                terms=algorithm=SHA1\ndigits=6
                """#)
        // As `sha256sum` says of `LedgerBench.dataKey`.
        #expect(
            events[1].detail == """
                data_key=3601761e3c5b3d1d628ee9fec17cf2c338cae0e07fc0e46126a744f1b714b2a0
                station=desk
                """)
        #expect(
            events[3].detail == #"""
                account=anna\nline
                copy=1
                issuer=Ex\\ample
                serial=k1
                """#)
        let attempt = try #require(try bench.ledger.attempts(of: id).first)
        let digest = try EventDetail.digest(ofSealed: LedgerBench.secret())
        #expect(
            events[5].detail == """
                account=anna
                algorithm=SHA256
                attempt=\(hex(attempt.id.bytes))
                digits=8
                family=ykoath
                firmware=5.4.3
                issuer=Example
                model=yubikey5
                period=30
                sealed=\(digest)
                serial=k1
                slot=2
                virtual=yes
                """)
        #expect(events[6].detail == "attempt=\(hex(attempt.id.bytes))\nverification=full")
        #expect(events[7...].map(\.detail) == ["target=pskc", "secrets=1", ""])
        try bench.checkIsClean()
    }

    @Test(arguments: LedgerMaker.all)
    func `The chain of hashes holds from the first event to the head`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        try bench.plan(accounts: "anna", "ben")
        try bench.bring(to: .verified)
        var previous = EventChain.start
        let events = try bench.allEvents()
        for event in events {
            #expect(try EventChain.hash(event, after: previous) == event.hash)
            previous = event.hash
        }
        let check = try bench.ledger.check()
        #expect(check == LedgerCheck(findings: [], events: Int64(events.count), head: previous))
    }

    @Test(arguments: LedgerMaker.all)
    func `Events are found by batch, entry and time, also when the clock stepped back`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        let other = try bench.ledger.begin(batch: "other", terms: "")
        for (step, account) in ["a", "b", "c", "d", "e"].enumerated() {
            bench.time.now = LedgerBench.start + [50, 10, 90, 0, 30][step]
            _ = try bench.plan([RosterEntry(account: account)], in: step.isMultiple(of: 2) ? bench.batch : other)
            if step.isMultiple(of: 2) { try bench.bring(to: .verified) }
        }
        let all = try bench.allEvents()
        for batch in [nil, bench.batch.id, other.id, 99] {
            for entry in [nil, 1, 3, 99] as [Int64?] {
                for since in [nil, 0, 10, 31, 90, 91] as [UInt64?] {
                    let since = since.map { LedgerBench.start + $0 }
                    let query = EventQuery(batch: batch, entry: entry, since: since)
                    let expected = all.filter { event in
                        (batch == nil || event.batch == batch) && (entry == nil || event.entry == entry)
                            && event.unixTime >= since ?? 0
                    }
                    for limit in [1, 3, 100] { #expect(try pages(bench, query, limit: limit) == expected) }
                }
            }
        }
        try bench.checkIsClean()
    }

    private func pages(_ bench: LedgerBench, _ query: EventQuery, limit: Int) throws -> [LedgerEvent] {
        var (events, last) = ([LedgerEvent](), Int64(0))
        while true {
            let page = try bench.ledger.events(query, after: last, limit: limit)
            events += page
            guard page.count == limit, let end = page.last else { return events }
            last = end.number
        }
    }

    @Test(arguments: LedgerMaker.all)
    func `What was written is there after the ledger is opened again`(maker: LedgerMaker) throws {
        let bench = try LedgerBench(maker)
        _ = try bench.plan([RosterEntry(account: "anna", owner: "Ærøskøbing 🗝"), RosterEntry(account: "ben")])
        try bench.bring(to: .verified)
        let before = try bench.contents()
        let other = try bench.another()
        #expect(try other.entries(EntryQuery(withSecrets: true), after: nil, limit: 9) == before.entries)
        #expect(try other.events(EventQuery(), after: 0, limit: 99) == before.events)
        #expect(try other.counts(batch: nil) == before.counts)
    }
}
