import KeyProvision

extension OpenLedger {
    /// A change to entries as they were seen. Those that do not stand so any more are left as they are.
    ///
    /// - Parameter count: how many are changed at once: others wait for the ledger no longer than that takes.
    /// - Returns: how many were left.
    func change(
        _ entries: [SeenEntry], atOnce count: Int, _ body: (any Ledger, [SeenEntry]) throws(LedgerError) -> Void
    ) throws -> Int {
        var left = 0
        var rest = entries[...]
        while !rest.isEmpty {
            let page = rest.prefix(count)
            rest = rest.dropFirst(page.count)
            left += try change(page, body)
        }
        return left
    }

    /// All at once, or half by half where one of them is in the way.
    private func change(
        _ entries: ArraySlice<SeenEntry>, _ body: (any Ledger, [SeenEntry]) throws(LedgerError) -> Void
    ) throws(LedgerUseFailure) -> Int {
        do throws(LedgerUseFailure) {
            try run { ledger throws(LedgerError) in try body(ledger, Array(entries)) }
            return 0
        } catch {
            guard error.isAboutState else { throw error }
            guard entries.count > 1 else { return entries.count }
            let half = entries.prefix(entries.count / 2)
            return try change(half, body) + change(entries.dropFirst(half.count), body)
        }
    }
}

extension LedgerUseFailure {
    /// Whether an entry was not as it has to be for a change.
    fileprivate var isAboutState: Bool {
        if case .store(.wrongState, _) = self { true } else { false }
    }
}
