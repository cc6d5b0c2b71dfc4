import KeyProvision

/// Steps at the line as they are taken by the run that has the entry in hand, with the attempt that it has.
extension Ledger {
    func finish(_ entry: LedgerEntry.ID, _ verification: Verification) throws {
        guard let attempt = try attempts(of: entry).last else { throw LedgerError.noSuchEntry }
        try finish(entry, attempt.id, verification)
    }

    func fail(_ entry: LedgerEntry.ID, reason: String) throws {
        try fail(entry, of: holder(of: entry), reason: reason)
    }

    func release(_ entry: LedgerEntry.ID) throws { try release(entry, of: holder(of: entry)) }

    private func holder(of entry: LedgerEntry.ID) throws -> Int64 {
        let reserved = try events(EventQuery(entry: entry), after: 0, limit: .max).last { $0.kind == .reserved }
        guard let run = reserved?.run else { throw LedgerError.noSuchEntry }
        return run
    }
}
