import ByteBuffers
import KeyProvision
import SecretFormats
import Synchronization

/// The way of entries from a ledger into a file. It is read twice: what cannot be opened is known before anything is
/// written, and no more than a few pages of it are in memory.
struct LedgerExport: Sendable {
    struct Survey {
        /// Entries that will be written.
        var count = 0
        /// Entries of virtual keys that will not.
        var leftOut = 0
        /// How many entries each run sealed.
        var runs: [Int64: Int] = [:]
    }

    struct Summary {
        var entries: [SeenEntry] = []
        var notWritten: Set<FormatError.Field> = []
    }

    private let ledger: OpenLedger
    private let format: any SecretFormat
    private let encoding: EncodingOptions
    private let additions: RecordAdditions
    private let states: Set<EntryState>
    private let includesVirtual: Bool

    /// Bytes of output that are put together before they are written.
    private static let blockLength = 1 << 16
    /// Entries that are marked in one change.
    private static let markedAtOnce = 5_000

    init(
        _ ledger: OpenLedger, _ format: any SecretFormat, _ encoding: EncodingOptions,
        additions: RecordAdditions, includesExported: Bool, includesVirtual: Bool
    ) {
        self.ledger = ledger
        self.format = format
        self.encoding = encoding
        self.additions = additions
        states = includesExported ? [.verified, .exported] : [.verified]
        self.includesVirtual = includesVirtual
    }

    /// Finds out what there is.
    ///
    /// - Throws: where that is nothing.
    func survey() throws -> Survey {
        // A format that cannot be written, or not without a passphrase, is no matter of the ledger.
        _ = try format.writer(options: encoding)
        var survey = Survey()
        let query = ledger.query(states: states)
        for secrets in try ledger.run({ ledger throws(LedgerError) in try ledger.secretCounts(query) }) {
            guard includesVirtual || !secrets.isVirtual else {
                survey.leftOut += secrets.entries
                continue
            }
            survey.count += secrets.entries
            survey.runs[secrets.run, default: 0] += secrets.entries
        }
        guard survey.count > 0 else {
            let exported = states.contains(.exported) ? 0 : try ledger.count([.exported])
            throw LedgerReadFailure.nothingToExport(exported: exported, virtual: survey.leftOut)
        }
        return survey
    }

    func write(
        to file: BatchFile, openedBy opener: LedgerOpener, allowsDuplicates: Bool, progress: ProgressLine
    ) throws -> Summary {
        var summary = Summary()
        var duplicates =
            try allowsDuplicates
            ? nil : DuplicateFinder(looksAtSerials: format.isForTokenBatches, expecting: ledger.count(states))
        let writer = try format.writer(options: encoding)
        var block = WipedBuffer(capacity: Self.blockLength)
        try writer.start(into: block)
        try forEachRecord(openedBy: opener) { record, entry in
            try Self.naming(entry) { () throws(FormatError) in try writer.append(record, into: block) }
            try file.note(record)
            duplicates?.note(record)
            summary.entries.append(SeenEntry(entry))
            guard block.count >= Self.blockLength else { return }
            try file.write(block)
            block = WipedBuffer(capacity: Self.blockLength)
            progress.advance(to: summary.entries.count)
        }
        try writer.end(into: block)
        try file.write(block)
        progress.advance(to: summary.entries.count)
        if var duplicates, duplicates.needsSecondReading { try confirm(&duplicates, openedBy: opener) }
        summary.notWritten = writer.leftOut
        return summary
    }

    /// - Returns: how many entries are no longer what they were when they were written.
    func markExported(_ entries: [SeenEntry]) throws -> Int {
        try ledger.change(entries, atOnce: Self.markedAtOnce) { ledger, page throws(LedgerError) in
            try ledger.markExported(page, target: format.name)
        }
    }

    private func confirm(_ duplicates: inout DuplicateFinder, openedBy opener: LedgerOpener) throws {
        var finder = duplicates
        var number = 0
        try forEachRecord(openedBy: opener) { record, entry in
            number += 1
            try Self.naming(entry) { () throws(FormatError) in try finder.confirm(record, number: number) }
        }
        duplicates = finder
    }

    /// The ledger is read, and the secrets opened, by a second thread.
    private func forEachRecord(
        openedBy opener: LedgerOpener, _ body: (TokenRecord, LedgerEntry) throws -> Void
    ) throws {
        let last = Mutex<LedgerEntry.ID?>(nil)
        let pages = ReadAhead { [self] () throws -> [(TokenRecord, LedgerEntry)]? in
            let page = try ledger.page(ledger.query(states: states, withSecrets: true), after: last.withLock { $0 })
            guard let end = page.last else { return nil }
            last.withLock { $0 = end.id }
            return try page.compactMap { entry in
                guard isMeant(entry), let attempt = entry.attempt else { return nil }
                return (try record(of: entry, attempt, secret: opener.secret(of: attempt)), entry)
            }
        }
        while let page = try pages.next() {
            try World.current.checkInterruption()
            for (record, entry) in page { try body(record, entry) }
        }
    }

    private func record(of entry: LedgerEntry, _ attempt: Attempt, secret: Secret) throws -> TokenRecord {
        let credential = try Self.naming(entry) { () throws(FormatError) in try attempt.terms.credential(with: secret) }
        let record = TokenRecord(
            serial: attempt.key.serial, model: attempt.key.model, owner: entry.roster.account, credential: credential)
        // The number of the entry, so that a serial number that is made of it stands in no later file again.
        return additions.complete(record, number: Int(entry.id))
    }

    private func isMeant(_ entry: LedgerEntry) -> Bool { includesVirtual || entry.attempt?.key.isVirtual == false }

    /// Records have no numbers in a ledger.
    private static func naming<Result>(
        _ entry: LedgerEntry, _ body: () throws(FormatError) -> Result
    ) throws(LedgerReadFailure) -> Result {
        do throws(FormatError) { return try body() } catch { throw .unfit(error, account: entry.roster.name) }
    }
}
