internal import GRDB
internal import KeyProvision

/// A walk over the whole ledger, one row at a time, that compares it with what its events say.
///
/// Damage ends one part of the walk and not the others.
final class LedgerAudit {
    /// A ledger of which nothing is right needs no longer list than this.
    private static let mostFindings = 1000

    let db: Database
    private var findings: [LedgerCheck.Finding] = []
    private var last: (number: Int64, hash: [UInt8]) = (0, EventChain.start)
    /// Of the event that set the recipients; nil where none did.
    private(set) var recipientsSet: String?
    /// What the events say of each batch, by the names of `EventDetail`.
    private(set) var batchesTold: [Int64: [String: String]] = [:]

    init(_ db: Database) { self.db = db }

    func check() throws -> LedgerCheck {
        try part(integrity)
        try part(chain)
        try part(end)
        try part(entries)
        try part(work)
        try part(attempts)
        try part(batches)
        try part(runs)
        try part(recipients)
        try part(counts)
        try part(secretCounts)
        return LedgerCheck(findings: findings, events: last.number, head: last.hash)
    }

    func report(_ finding: LedgerCheck.Finding) {
        if findings.count < Self.mostFindings { findings.append(finding) }
    }

    private func part(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            guard case .damaged(let words) = LedgerError(error) else { throw error }
            report(.damage(words))
        }
    }

    private func integrity() throws {
        try db.each("PRAGMA integrity_check") { row in
            let line = try row.text()
            if line != "ok" { report(.damage(line)) }
        }
        try db.each("PRAGMA foreign_key_check") { row in
            report(.damage("a row of \(try row.text()) belongs to none"))
        }
    }

    /// Hashes and numbers, and beside the event that planned an entry, or corrected it last, the entry's columns of the roster.
    private func chain() throws {
        try db.each(
            """
            SELECT \(StoredRow.eventColumns(of: "v")), v.kind IN ('planned', 'corrected') AND NOT EXISTS (
                SELECT 1 FROM events w WHERE w.entry = v.entry AND w.number > v.number AND w.kind = 'corrected'),
            e.id, e.batch, e.person, \(StoredRow.rosterColumns) FROM events v
            LEFT JOIN entries e ON e.id = CASE WHEN v.kind IN ('planned', 'corrected') THEN v.entry END ORDER BY v.number
            """
        ) { row in
            let event = try row.event()
            if event.number > last.number + 1 {
                report(.missingEvents(last.number + 1...event.number - 1))
            } else if try EventChain.hash(event, after: last.hash) != event.hash {
                report(.brokenChain(event: event.number))
            }
            last = (event.number, event.hash)
            if event.kind == .rekeyed { recipientsSet = event.detail }
            if event.kind == .began || event.kind == .restated { note(event) }
            let isLastPlan = try row.integer() != 0
            if isLastPlan, try !isPlan(event, of: &row) { report(.stateDiffers(entry: event.entry ?? 0)) }
        }
    }

    private func note(_ event: LedgerEvent) {
        guard let batch = event.batch else { return }
        for (name, value) in EventDetail.values(in: event.detail) { batchesTold[batch, default: [:]][name] = value }
    }

    private func isPlan(_ event: LedgerEvent, of row: inout StoredRow) throws -> Bool {
        guard try row.optionalInteger() != nil else { return false }
        let (batch, person, roster) = (try row.integer(), try row.text(), try row.rosterEntry())
        return event.batch == batch && person == roster.person && EventDetail.planned(roster).text == event.detail
    }

    /// What was cut off, or put on by another hand.
    private func end() throws {
        guard let head = try db.storedHead() else { throw LedgerError.damaged("the head of the chain is missing") }
        if head.number > last.number {
            report(.missingEvents(last.number + 1...head.number))
        } else if head.number < last.number || head.hash != last.hash {
            report(.brokenChain(event: last.number))
        }
    }

    /// The state of each entry, and why it failed.
    private func entries() throws {
        try db.each(
            """
            SELECT e.id, e.state, e.failure, v.kind, v.detail FROM entries e LEFT JOIN events v
            ON v.number = (
                SELECT number FROM events
                WHERE entry = e.id AND kind NOT IN ('erased', 'cleared', 'corrected') ORDER BY number DESC LIMIT 1)
            ORDER BY e.id
            """
        ) { row in
            let (id, state, failure) = (try row.integer(), try row.text(), try row.optionalText())
            let kind = try row.optionalText().map(LedgerEvent.Kind.init)
            let detail = try row.optionalText() ?? ""
            guard let kind, Self.state(after: kind, detail)?.rawValue == state,
                kind != .failed || detail == EventDetail.failed(failure ?? "").text
            else { return report(.stateDiffers(entry: id)) }
        }
    }

    /// - Returns: nil where the kind is none that moves an entry.
    static func state(after kind: LedgerEvent.Kind, _ detail: String) -> EntryState? {
        switch kind {
        case .planned, .undone, .superseded: .planned
        case .released: EventDetail.value(of: EventDetail.Name.state, in: detail).flatMap(EntryState.init)
        case .reserved: .reserved
        case .writing: .writing
        case .verified: .verified
        case .failed: .failed
        case .exported: .exported
        case .forgotten: .forgotten
        default: nil
        }
    }

    private func counts() throws {
        let differing = try db.all(
            """
            SELECT batch FROM (SELECT batch, state, entries FROM counts WHERE entries <> 0
            UNION ALL SELECT batch, state, -count(*) FROM entries GROUP BY batch, state)
            GROUP BY batch, state HAVING sum(entries) <> 0
            """
        ) { try $0.integer() }
        for batch in differing { report(.damage("the counts of batch \(batch) are not those of its entries")) }
    }
}
