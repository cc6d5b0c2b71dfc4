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

    private func counts(of batch: Batch, _ ledger: any Ledger) throws(LedgerUseFailure) -> EntryCounts {
        try LedgerUseFailure.at(store.path) { () throws(LedgerError) in try ledger.counts(batch: batch.id) }
    }

    /// What a run would do.
    func report(entries: Int, _ global: GlobalOptions) throws {
        var done = 0
        if let begun {
            let counts = try counts(of: begun, store.openExisting())
            _ = try admits(begun, counts)
            done = counts.done
        }
        guard global.json else {
            return global.console.say("\(name): \(entries) entries, \(done) of them done; nothing was touched")
        }
        try global.console.document { json in
            json.key("batch")
            json.value(name)
            json.key("entries")
            json.value(entries)
            json.key("done")
            json.value(done)
        }
    }
}
