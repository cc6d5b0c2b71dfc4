import KeyProvision

/// How a run comes to its batch: a new one, or one that was begun.
struct BatchStart {
    let name: String
    /// As it stood in the ledger when the command began.
    let begun: Batch?
    /// Whether going on with it was asked for.
    let isResumed: Bool
    let terms: BatchTerms
    let store: LedgerStore

    /// What a roster, or the batch without one, comes to.
    struct Contents {
        let entries: Int
        /// Whether some entries say their slot.
        let hasSlots: Bool
    }

    /// Of a batch that goes on without a roster.
    func contents() throws -> Contents {
        let ledger = try OpenLedger(store, batch: name)
        var (entries, hasSlots) = (0, false)
        try ledger.forEachPage(ledger.query()) { page in
            entries += page.count
            hasSlots = hasSlots || page.contains { $0.roster.slot != nil }
        }
        return Contents(entries: entries, hasSlots: hasSlots)
    }

    /// The batch, made where it is new.
    func batch(_ writer: LedgerWriter) throws -> Batch {
        let (batch, isNew) = try writer.batch(named: name, terms: terms.text)
        guard !isNew, try !admits(batch, counts(of: batch, writer.ledger)) else { return batch }
        return try LedgerUseFailure.at(writer.path) { () throws(LedgerError) in
            try writer.ledger.restate(batch, terms: terms.text)
        }
    }

    /// Refuses a batch that somebody begun, unless it is to go on as it was begun. One that no key was done or tried for is
    /// as good as new, and can have other terms.
    ///
    /// - Returns: whether the terms are the same.
    private func admits(_ begun: Batch, _ counts: EntryCounts) throws(LedgerUseFailure) -> Bool {
        let isUntouched = counts.byState[.planned, default: 0] == counts.total
        guard isResumed || isUntouched else { throw .begun(batch: begun.name) }
        let changes = terms.changes(from: BatchTerms(text: begun.terms))
        guard changes.isEmpty || isUntouched else { throw .otherTerms(batch: begun.name, changed: changes) }
        return changes.isEmpty
    }

    func counts(of batch: Batch, _ ledger: any Ledger) throws(LedgerUseFailure) -> EntryCounts {
        try LedgerUseFailure.at(store.path) { () throws(LedgerError) in try ledger.counts(batch: batch.id) }
    }

    /// What a run would do.
    ///
    /// - Parameters:
    ///   - roster: which was checked; nil for what the batch has.
    ///   - contents: those of the roster.
    func report(_ roster: RosterSource?, _ contents: Contents, _ global: GlobalOptions) throws {
        var counts = EntryCounts(byState: [.planned: contents.entries])
        if let begun {
            let ledger = try store.openExisting()
            counts = try self.counts(of: begun, ledger)
            _ = try admits(begun, counts)
            if let roster { counts.byState[.planned, default: 0] += try added(by: roster, to: begun, ledger) }
        }
        guard global.json else { return global.console.say(counts.text(of: name)) }
        try global.console.document { json in
            json.key("batch")
            json.value(name)
            json.key("entries")
            json.value(counts.total)
            json.key("done")
            json.value(counts.done)
            json.key("open")
            json.value(counts.open)
            json.key("in_work")
            json.value(counts.inWork)
        }
    }

    /// Entries that are looked up at a time.
    private static let blockLength = 500

    /// How many entries the batch has not got; the roster has none twice.
    private func added(by roster: RosterSource, to begun: Batch, _ ledger: any Ledger) throws -> Int {
        var (entries, added) = (try roster.entries(), 0)
        while true {
            try World.current.checkInterruption()
            var block: [RosterEntry] = []
            while block.count < Self.blockLength, let entry = try entries.next() { block.append(entry) }
            guard !block.isEmpty else { return added }
            added += try LedgerUseFailure.at(store.path) { () throws(LedgerError) in
                try ledger.unplanned(block, in: begun, issuer: terms.issuer)
            }
        }
    }
}

extension EntryCounts {
    fileprivate func text(of batch: String) -> String {
        let work = inWork == 0 ? "" : ", \(inWork) in work"
        return "\(batch): \(Phrases.count(total, "entry", "entries")), \(done) done, \(open) open\(work); "
            + "nothing was touched"
    }
}
