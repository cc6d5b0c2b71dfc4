internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func plan(
        _ batch: Batch, issuer: String?, _ next: () throws(LedgerError) -> RosterEntry?
    ) throws(LedgerError) -> PlanOutcome {
        try change { change in
            try change.requireBatch(batch)
            let last = try change.db.integer("SELECT max(id) FROM entries") ?? 0
            // Entries of earlier plans that this roster has too, to tell them from what it has twice.
            var seen: Set<Int64> = []
            var outcome = PlanOutcome()
            while let entry = try next() {
                guard let known = try change.db.planned(like: entry, in: batch.id, issuer: issuer) else {
                    _ = try change.plan(entry, in: batch.id)
                    outcome.added += 1
                    continue
                }
                guard known.id <= last, seen.insert(known.id).inserted else {
                    throw LedgerError.duplicateEntry(account: entry.account, issuer: entry.issuer)
                }
                guard let corrected = known.corrected(by: entry, issuer: issuer) else { continue }
                if known.state.isOpen {
                    try change.correct(known.id, in: batch.id, to: corrected)
                    outcome.corrected += 1
                } else {
                    outcome.differing += 1
                    if outcome.firstDiffering.count < PlanOutcome.mostNamed {
                        outcome.firstDiffering.append(known.roster)
                    }
                }
            }
            return outcome
        }
    }

    public func unplanned(
        _ entries: [RosterEntry], in batch: Batch, issuer: String?
    ) throws(LedgerError) -> Int {
        try read { db in
            try entries.count { try db.planned(like: $0, in: batch.id, issuer: issuer) == nil }
        }
    }
}

extension RosterEntry {
    /// The account as it is compared: servers tell users apart by letters only.
    var person: String { account.lowercased() }
}

/// An entry that a batch has already.
private struct Planned {
    let id: LedgerEntry.ID
    let state: EntryState
    let roster: RosterEntry

    init(_ row: inout StoredRow) throws(LedgerError) {
        (id, state) = (try row.integer(), try row.word())
        roster = try row.rosterEntry()
    }

    /// - Parameter other: of the same person and copy.
    func isSame(as other: RosterEntry, issuer: String?) -> Bool {
        (roster.issuer ?? issuer)?.lowercased() == (other.issuer ?? issuer)?.lowercased()
    }

    func isSpelled(as other: RosterEntry, issuer: String?) -> Bool {
        roster.account == other.account && (roster.issuer ?? issuer) == (other.issuer ?? issuer)
    }

    /// What a roster says of it; nil where that is what it says itself.
    func corrected(by other: RosterEntry, issuer: String?) -> RosterEntry? {
        var other = other
        if (roster.issuer ?? issuer) == (other.issuer ?? issuer) { other.issuer = roster.issuer }
        return other == roster ? nil : other
    }
}

extension Database {
    /// The one that is spelled like it, where there are several: ledgers from before told them apart by capital letters.
    fileprivate func planned(like entry: RosterEntry, in batch: Int64, issuer: String?) throws -> Planned? {
        let found = try all(
            """
            SELECT e.id, e.state, \(StoredRow.rosterColumns) FROM entries e
            WHERE e.person = ? AND e.batch = ? AND e.copy = ? ORDER BY e.id
            """, entry.person, batch, entry.copy
        ) { try Planned(&$0) }.filter { $0.isSame(as: entry, issuer: issuer) }
        return found.first { $0.isSpelled(as: entry, issuer: issuer) } ?? found.first
    }
}
