internal import GRDB
public import KeyProvision

/// Attempts and their sealed secrets, beside the events of their entry.
extension LedgerAudit {
    func attempts() throws {
        let columns = StoredRow.attemptColumns(withSecret: true)
        try db.each("SELECT \(columns), a.entry FROM attempts a ORDER BY a.number") { row in
            guard let attempt = try row.attempt() else { return }
            try compare(attempt, of: try row.integer())
        }
        // The other way round: an attempt of which only the event is left.
        try db.each(
            """
            SELECT entry, count(*) AS events, (SELECT count(*) FROM attempts a WHERE a.entry = events.entry) AS rows
            FROM events WHERE kind = 'writing' AND entry IS NOT NULL GROUP BY entry HAVING events <> rows
            """
        ) { report(.secretDiffers(entry: try $0.integer())) }
    }

    private func compare(_ attempt: Attempt, of entry: LedgerEntry.ID) throws {
        let name = EventDetail.name(of: attempt.id)
        var written: LedgerEvent?
        var isVerified: Verification?
        var isForgotten = false
        try db.each(
            "SELECT \(StoredRow.eventColumns) FROM events WHERE entry = ? ORDER BY number", entry
        ) { row in
            let event = try row.event()
            let isMeant = EventDetail.value(of: EventDetail.Name.attempt, in: event.detail) == name
            switch event.kind {
            case .writing where isMeant: written = event
            case .verified where isMeant:
                isVerified = EventDetail.value(of: EventDetail.Name.verification, in: event.detail)
                    .flatMap(Verification.init)
            case .forgotten where written != nil: isForgotten = true
            default: break
            }
        }
        if attempt.verification != isVerified { report(.stateDiffers(entry: entry)) }
        // Of an erased secret the digest that was recorded is all that there is.
        let recorded = written.flatMap { EventDetail.value(of: EventDetail.Name.sealed, in: $0.detail) }
        let digest = try attempt.sealedSecret.map(EventDetail.digest) ?? recorded
        guard let written, written.run == attempt.run, (attempt.sealedSecret == nil) == isForgotten,
            EventDetail.writing(attempt, sealedDigest: digest).text == written.detail
        else { return report(.secretDiffers(entry: entry)) }
    }
}

extension SQLiteLedger {
    public func check() throws(LedgerError) -> LedgerCheck { try read { try LedgerAudit($0).check() } }
}
