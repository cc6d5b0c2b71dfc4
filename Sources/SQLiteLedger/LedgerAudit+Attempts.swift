internal import GRDB
public import KeyProvision

/// Attempts and their sealed secrets, beside the events of their entry.
extension LedgerAudit {
    func attempts() throws {
        var story: AttemptStory?
        try db.each(
            """
            SELECT a.number, v.kind, v.run, v.detail, a.entry, a.unused, \(StoredRow.attemptColumns(withSecret: true))
            FROM attempts a LEFT JOIN events v ON v.entry = a.entry
            AND v.kind IN ('writing', 'verified', 'failed', 'undone', 'superseded', 'forgotten', 'erased') ORDER BY a.number, v.number
            """
        ) { row in
            let number = try row.integer()
            let (kind, run) = (try row.optionalText().map(LedgerEvent.Kind.init), try row.optionalInteger())
            let detail = try row.optionalText() ?? ""
            if story?.number != number {
                try story.map(compare)
                let (entry, unused) = (try row.integer(), try row.integer())
                story = try row.attempt().map {
                    AttemptStory(number: number, attempt: $0, entry: entry, storedAsUnused: unused != 0)
                }
            }
            if let kind { story?.note(kind, run: run, detail) }
        }
        try story.map(compare)
        // The other way round: an attempt of which only the event is left.
        try db.each(
            """
            SELECT entry, count(*) AS events, (SELECT count(*) FROM attempts a WHERE a.entry = events.entry) AS rows
            FROM events WHERE kind = 'writing' AND entry IS NOT NULL GROUP BY entry HAVING events <> rows
            """
        ) { report(.secretDiffers(entry: try $0.integer())) }
    }

    private func compare(_ story: AttemptStory) throws {
        let attempt = story.attempt
        if attempt.verification != story.verification || story.storedAsUnused != story.isUnused {
            report(.stateDiffers(entry: story.entry))
        }
        // Of an erased secret the digest that was recorded is all that there is.
        let recorded = story.written.flatMap { EventDetail.value(of: EventDetail.Name.sealed, in: $0.detail) }
        let digest = try attempt.sealedSecret.map(EventDetail.digest) ?? recorded
        guard let written = story.written, written.run == attempt.run,
            (attempt.sealedSecret == nil) == story.isErased,
            EventDetail.writing(attempt, sealedDigest: digest).text == written.detail
        else { return report(.secretDiffers(entry: story.entry)) }
    }
}

/// An attempt, and what the events of its entry say of it.
private struct AttemptStory {
    let number: Int64
    let attempt: Attempt
    let entry: LedgerEntry.ID
    let storedAsUnused: Bool
    private let name: String
    private(set) var written: (run: Int64?, detail: String)?
    private(set) var verification: Verification?
    private(set) var isUnused = false
    private(set) var isErased = false

    init(number: Int64, attempt: Attempt, entry: LedgerEntry.ID, storedAsUnused: Bool) {
        self.storedAsUnused = storedAsUnused
        self.number = number
        self.attempt = attempt
        self.entry = entry
        name = EventDetail.name(of: attempt.id)
    }

    /// The next event of the entry.
    mutating func note(_ kind: LedgerEvent.Kind, run: Int64?, _ detail: String) {
        switch kind {
        case .writing where isMeant(detail): written = (run, detail)
        case .verified where isMeant(detail):
            verification = EventDetail.value(of: EventDetail.Name.verification, in: detail)
                .flatMap(Verification.init)
        // Of this attempt, or of a later one: then this one was not used any more.
        case .failed where written != nil, .undone where written != nil, .superseded where written != nil:
            isUnused = true
        case .forgotten where written != nil: isErased = true
        case .erased where isMeant(detail): isErased = true
        default: break
        }
    }

    private func isMeant(_ detail: String) -> Bool {
        EventDetail.value(of: EventDetail.Name.attempt, in: detail) == name
    }
}

extension SQLiteLedger {
    public func check() throws(LedgerError) -> LedgerCheck { try read { try LedgerAudit($0).check() } }
}
