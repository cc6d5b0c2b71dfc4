import ArgumentParser
import KeyProvision

extension LedgerCommand {
    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "history", abstract: "Tell every change, in its order. No secret is in it.",
            discussion: "Each hash covers the one before: 'keyprov ledger check' recomputes them.",
            version: Keyprov.version)

        @OptionGroup(title: "Ledger") var selection: LedgerSelection

        @Option(name: .long, help: "Only what was done for this account, exactly as it is written.")
        var account: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Only from then on: seconds since 1970, or a day or time in UTC as 2026-11-21 or '2026-11-21 08:30:00'.",
                valueName: "time"))
        var since: PointInTime?

        @OptionGroup(title: "Common") var global: GlobalOptions

        func run() throws {
            let ledger = try selection.open(global, toRead: true)
            let names = EventNames(ledger, batches: try ledger.batches())
            var columns = Columns(count: EventTable.heading.count)
            var isFirst = true
            func print(_ events: [LedgerEvent]) throws {
                guard !global.json else { return try global.console.data(EventTable.json(events, names)) }
                let heading = isFirst ? [EventTable.heading] : []
                isFirst = false
                try global.console.data(columns.text(heading + events.map { try EventTable.row($0, names) }))
            }
            if let account {
                try print(try events(of: account, in: ledger))
            } else {
                try ledger.forEachPage(EventQuery(batch: ledger.batch?.id, since: since?.unixTime), print)
            }
        }

        /// Those of all entries of the account, of which there are few.
        private func events(of account: String, in ledger: OpenLedger) throws -> [LedgerEvent] {
            var events: [LedgerEvent] = []
            var isKnown = false
            try ledger.forEachPage(ledger.query(accounts: [account])) { page in
                isKnown = true
                for entry in page {
                    try ledger.forEachPage(EventQuery(entry: entry.id, since: since?.unixTime)) { events += $0 }
                }
            }
            guard isKnown else { throw LedgerReadFailure.noAccounts([account]) }
            return events.sorted { $0.number < $1.number }
        }
    }
}

/// A second of the past or the future.
struct PointInTime: ExpressibleByArgument {
    /// Seconds since 1970.
    let unixTime: UInt64

    init?(argument: String) {
        guard let time = UInt64(argument) ?? UTC.time(parsing: argument) else { return nil }
        unixTime = time
    }
}
