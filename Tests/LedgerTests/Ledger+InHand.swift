import KeyProvision

/// Steps as they are taken by the run that has the entry in hand, and with the entry as it stands.
extension Ledger {
    @discardableResult
    func finish(_ entry: LedgerEntry.ID, _ verification: Verification) throws -> [LedgerEntry] {
        guard let attempt = try attempts(of: entry).last else { throw LedgerError.noSuchEntry }
        return try finish(entry, attempt.id, verification)
    }

    func fail(_ entry: LedgerEntry.ID, reason: String) throws {
        try fail(entry, of: holder(of: entry), reason: reason)
    }

    func release(_ entry: LedgerEntry.ID) throws { try release(entry, of: holder(of: entry)) }

    func markExported(_ entries: [LedgerEntry.ID], target: String) throws {
        try markExported(seen(entries), target: target)
    }

    func forget(_ entries: [LedgerEntry.ID]) throws { try forget(seen(entries)) }

    /// One that there is not was never seen as anything.
    func seen(_ entries: [LedgerEntry.ID]) throws -> [SeenEntry] {
        try entries.map { id in
            let entry = try self.entries(EntryQuery(), after: id - 1, limit: 1).first { $0.id == id }
            return entry.map { SeenEntry($0) } ?? SeenEntry(id: id, state: .verified, attempt: nil)
        }
    }

    private func holder(of entry: LedgerEntry.ID) throws -> Int64 {
        let reserved = try events(EventQuery(entry: entry), after: 0, limit: .max).last { $0.kind == .reserved }
        guard let run = reserved?.run else { throw LedgerError.noSuchEntry }
        return run
    }
}
