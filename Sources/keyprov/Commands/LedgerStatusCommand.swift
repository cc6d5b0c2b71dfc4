import ArgumentParser
import KeyProvision

extension LedgerCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Tell who has which key, and what is open.",
            discussion: """
                'unused' counts secrets of attempts that failed, of keys that were taken back, and of what was written over: \
                they lie sealed in the ledger, and nobody gets them. 'keyprov ledger forget --unused' erases them.
                """,
            version: Keyprov.version)

        @OptionGroup(title: "Ledger") var selection: LedgerSelection

        @Option(name: .long, help: "Only entries that are so.")
        var only: EntryFilter?

        @Option(name: .long, help: "Only entries of this account, exactly as it is written.")
        var account: String?

        @Option(name: .long, help: "Only entries that the key with this serial number has, or failed at.")
        var serial: String?

        @OptionGroup(title: "Common") var global: GlobalOptions

        func run() throws {
            let ledger = try selection.open(global, toRead: true)
            let batches = try ledger.batches()
            let table = EntryTable(names: batches)
            let isSearch = account != nil || serial != nil
            if !isSearch { try print(batches, of: ledger) }
            var columns = Columns(count: EntryTable.heading.count)
            var isFirst = true
            let query = ledger.query(states: only?.states, accounts: account.map { [$0] }, serial: serial)
            try ledger.forEachPage(query) { page in
                defer { isFirst = false }
                guard !global.json else { return try global.console.data(table.json(page)) }
                let heading = isFirst ? [EntryTable.heading] : []
                let text = columns.text(heading + page.map(table.row))
                try global.console.data((isFirst && !isSearch ? "\n" : "") + text)
            }
            if isSearch, isFirst { throw LedgerReadFailure.noneFound(account: account, serial: serial) }
        }

        private func print(_ batches: [Batch], of ledger: OpenLedger) throws {
            let standings = try batches.map { batch in
                try ledger.run { ledger throws(LedgerError) in
                    BatchStanding(
                        batch: batch, counts: try ledger.counts(batch: batch.id),
                        unusedSecrets: try ledger.unusedSecrets(EntryQuery(batch: batch.id)))
                }
            }
            if global.json {
                try global.console.data(BatchTable.json(standings))
            } else {
                try global.console.data(BatchTable.text(standings))
            }
        }
    }
}

/// Entries by their state, or by what people mean by several.
struct EntryFilter: ExpressibleByArgument {
    let states: Set<EntryState>

    private static let groups: [(name: String, contains: @Sendable (EntryState) -> Bool)] = [
        ("open", { $0.isOpen }), ("done", { $0.isDone }), ("working", { $0 == .reserved || $0 == .writing }),
    ]

    init?(argument: String) {
        if let group = Self.groups.first(where: { $0.name == argument }) {
            states = Set(EntryState.allCases.filter(group.contains))
        } else if let state = EntryState(rawValue: argument) {
            states = [state]
        } else {
            return nil
        }
    }

    static let allValueStrings = groups.map(\.name) + EntryState.allCases.map(\.rawValue)
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
