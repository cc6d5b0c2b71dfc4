import ArgumentParser
import KeyProvision

/// Which ledger is looked at, and which of its batches.
struct LedgerSelection: ParsableArguments {
    @OptionGroup var place: LedgerOptions

    @Option(name: .long, help: ArgumentHelp("Only this batch.", valueName: "name"))
    var batch: String?

    func open(_ global: GlobalOptions, toRead: Bool = false) throws -> OpenLedger {
        try OpenLedger(LedgerStore(place, global), batch: batch, toRead: toRead)
    }
}

/// A ledger that exists, for those who look at it and take from it; its errors name the file.
struct OpenLedger: Sendable {
    let ledger: any Ledger
    let path: String
    /// The one that was asked for; nil for all.
    let batch: Batch?

    /// Entries, or events, in memory at a time.
    var pageLength = 2_000

    /// - Parameter toRead: nothing is to be changed.
    /// - Throws: where there is no ledger or no such batch.
    init(_ store: LedgerStore, batch name: String? = nil, toRead: Bool = false) throws {
        let (ledger, path) = (try toRead ? store.openToRead() : store.openExisting(), store.path)
        self.ledger = ledger
        self.path = path
        batch = try name.map { name in
            try LedgerUseFailure.at(path) { () throws(LedgerError) in
                guard let batch = try ledger.batch(named: name) else { throw .noSuchBatch(name) }
                return batch
            }
        }
    }

    func run<Result>(_ body: (any Ledger) throws(LedgerError) -> Result) throws(LedgerUseFailure) -> Result {
        try LedgerUseFailure.at(path) { () throws(LedgerError) in try body(ledger) }
    }

    /// The batches that are meant.
    func batches() throws -> [Batch] {
        if let batch { return [batch] }
        return try run { ledger throws(LedgerError) in try ledger.batches() }
    }

    func query(
        states: Set<EntryState>? = nil, accounts: [String]? = nil, serial: String? = nil, withSecrets: Bool = false
    ) -> EntryQuery {
        EntryQuery(batch: batch?.id, states: states, accounts: accounts, serial: serial, withSecrets: withSecrets)
    }

    /// How many entries a query without accounts has.
    func count(_ states: Set<EntryState>) throws -> Int {
        try run { ledger throws(LedgerError) in try ledger.counts(batch: batch?.id) }.byState
            .reduce(0) { $0 + (states.contains($1.key) ? $1.value : 0) }
    }

    /// A page of entries after another, until a signal comes.
    func forEachPage(_ query: EntryQuery, _ body: ([LedgerEntry]) throws -> Void) throws {
        var last: LedgerEntry.ID?
        while true {
            try World.current.checkInterruption()
            let page = try page(query, after: last)
            guard let end = page.last else { return }
            last = end.id
            try body(page)
        }
    }

    func page(_ query: EntryQuery, after last: LedgerEntry.ID?) throws(LedgerUseFailure) -> [LedgerEntry] {
        try run { ledger throws(LedgerError) in try ledger.entries(query, after: last, limit: pageLength) }
    }

    /// A page of events after another, until a signal comes.
    func forEachPage(_ query: EventQuery, _ body: ([LedgerEvent]) throws -> Void) throws {
        var last: Int64 = 0
        while true {
            try World.current.checkInterruption()
            let page = try run { ledger throws(LedgerError) in
                try ledger.events(query, after: last, limit: pageLength)
            }
            guard let end = page.last else { return }
            last = end.number
            try body(page)
        }
    }
}
