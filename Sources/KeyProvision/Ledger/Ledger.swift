public import SecretFormats

/// The record of every key that was made: what was planned, written, proven, exported and forgotten.
///
/// - Each method is one change that stands whole or not at all, whatever happens to the process, and it is on the disk
///   when the method returns. Each change writes its event.
/// - Several processes, and several threads of one, may use the same ledger at once: an entry is reserved for one of
///   them, and so is a key with a serial number.
/// - Secrets are here only as `RecordSealer` sealed them.
public protocol Ledger: AnyObject, Sendable {

    // MARK: Runs

    /// Enters as one who makes keys. What dead runs had reserved is free again, and what they were writing has failed, with the reason
    /// `LedgerFailure.interrupted`.
    ///
    /// - Parameters:
    ///   - sealedDataKey: what seals the secrets of this run, as an age file.
    ///   - recipients: those of the ledger, as `recipients` gave them, where the data key is sealed to those; nil where it is sealed
    ///     to somebody that was chosen for this run.
    /// - Throws: `.recipientsChanged` where the ledger has others by now: no rekey that is over reaches this data key.
    func enter(
        station: String, sealedDataKey: [UInt8], sealedTo recipients: [String]?
    ) throws(LedgerError) -> any LedgerRun

    /// To whom new runs seal, as age recipients; empty after a rekey to a passphrase, nil where none were ever set.
    func recipients() throws(LedgerError) -> [String]?
    /// - Throws: `.recipientsChanged` where some were set before, or a rekey took them away.
    func setRecipients(_ recipients: [String]) throws(LedgerError)

    /// Replaces the sealed data key of every run that has one, and the recipients: all or none.
    func rekey(
        to recipients: [String], _ reseal: ([UInt8]) throws(LedgerError) -> [UInt8]
    ) throws(LedgerError)

    /// Runs that hold secrets.
    func sealedRun(_ id: Int64) throws(LedgerError) -> SealedRun?

    // MARK: Batches

    /// - Throws: `.batchExists`.
    func begin(batch name: String, terms: String) throws(LedgerError) -> Batch
    /// Gives a batch other terms, as long as nothing was done in it: all its entries are planned.
    ///
    /// - Throws: `.wrongState` with the state of an entry that is further.
    func restate(_ batch: Batch, terms: String) throws(LedgerError) -> Batch
    func batch(named name: String) throws(LedgerError) -> Batch?
    func batches() throws(LedgerError) -> [Batch]

    /// Plans entries in their order. Those that the batch has already are corrected where they are open and the roster says something
    /// else; others are left as they are. An entry is the same where account, issuer and copy are, capital and small letters
    /// taken for the same, as `RosterCheck` does.
    ///
    /// - Parameters:
    ///   - issuer: of entries without one.
    ///   - next: the roster, entry by entry; it may throw `.stopped`, and then nothing was planned.
    func plan(
        _ batch: Batch, issuer: String?, _ next: () throws(LedgerError) -> RosterEntry?
    ) throws(LedgerError) -> PlanOutcome

    /// How many of some entries of a roster `plan` would add.
    func unplanned(_ entries: [RosterEntry], in batch: Batch, issuer: String?) throws(LedgerError) -> Int

    // MARK: Work

    /// Finds the entry that a key is for, and reserves both. In this order: an entry that this key was interrupted at; one that names
    /// its serial number; the first planned one that names none; the first failed one that names none. Among those of one kind
    /// planned ones come first. Before a key is said to be in work, or nothing to be open, what dead runs had in hand is freed
    /// as `enter` does.
    ///
    /// A key without a serial number was interrupted at an entry where one of its names is that of an attempt at the entry, on a
    /// key of that model without a serial number. Taken back without the key is as good as interrupted then.
    ///
    /// Where nothing is open that is the answer to a used key too: there is no other key to ask for.
    ///
    /// - Parameter names: of the credentials on the key; only looked at where it has no serial number.
    func reserve(
        for key: KeyIdentity, holding names: [Label], in batch: Batch, run: any LedgerRun
    ) throws(LedgerError) -> ReservationOutcome

    /// Attempts of which a key may hold the credential although nobody gets it: they did not come to their end, and their
    /// entries went on to other keys since, or they were taken back without the key. Without their secrets. None for a key
    /// without a serial number: what is on it could be on another key, which has it for good.
    func leftovers(on key: KeyIdentity, in batch: Batch) throws(LedgerError) -> [Attempt]
    /// Records that what one of them left was deleted from the key; its entry stays what it is.
    func markCleared(_ attempt: Attempt, from key: KeyIdentity, by run: any LedgerRun) throws(LedgerError)

    /// Takes the open entry of that account and issuer of a batch that has no roster, or plans one with the next free copy number, and
    /// records its attempt at once: as `plan`, `reserve` and `startWriting` would.
    func start(
        _ entry: RosterEntry, in batch: Batch, with attempt: Attempt
    ) throws(LedgerError) -> LedgerEntry

    /// Records the sealed secret before it is sent: reserved → writing.
    ///
    /// - Parameter attempt: with its sealed secret, of the run that reserved the entry.
    func startWriting(_ entry: LedgerEntry.ID, _ attempt: Attempt) throws(LedgerError)

    /// writing → verified. What is done in any batch, and was on the key where this credential is now, goes → planned: nobody gets
    /// that secret any more.
    ///
    /// - Parameter attempt: the one that was proven.
    /// - Returns: the entries that this one superseded, as they stand now.
    /// - Throws: `.wrongState` also where the entry has another attempt by now.
    @discardableResult
    func finish(
        _ entry: LedgerEntry.ID, _ attempt: Attempt.ID, _ verification: Verification
    ) throws(LedgerError) -> [LedgerEntry]

    /// reserved or writing → failed.
    ///
    /// - Parameters:
    ///   - run: that has the entry in hand. One that is over has none any more.
    ///   - reason: a word for scripts, see `LedgerFailure`.
    /// - Throws: `.wrongState` also where another run has it.
    func fail(_ entry: LedgerEntry.ID, of run: Int64, reason: String) throws(LedgerError)

    /// reserved → what it was before; by the run that has it, as `fail`.
    func release(_ entry: LedgerEntry.ID, of run: Int64) throws(LedgerError)

    /// verified, exported or forgotten → planned, for a key that was lost, broken or taken back.
    func undo(_ entry: LedgerEntry.ID) throws(LedgerError)

    // MARK: After the line

    /// verified or exported → exported, each of them.
    ///
    /// - Parameters:
    ///   - entries: as they were when their secrets were read.
    ///   - target: the format that was written.
    /// - Throws: `.wrongState` also where an entry does not stand as it was seen.
    func markExported(_ entries: [SeenEntry], target: String) throws(LedgerError)

    /// verified or exported → forgotten, each of them; secrets of all attempts of the entries are erased, and so is the data key of a run
    /// that has no other.
    ///
    /// - Throws: `.wrongState` also where an entry does not stand as it was seen.
    func forget(_ entries: [SeenEntry]) throws(LedgerError)

    /// Erases sealed secrets that nobody uses: of attempts that failed, and of keys that were taken back. What an entry has now, proven
    /// or on its way, stays, and so does the state of each entry. The data key of a run goes with its last secret, as in `forget`.
    ///
    /// - Parameter limit: how many at most.
    /// - Returns: how many were erased.
    func forgetUnused(_ query: EntryQuery, limit: Int) throws(LedgerError) -> Int

    /// Rewrites the store so that nothing of what was erased is left in it. Costs time by the size of the ledger.
    func compact() throws(LedgerError)

    // MARK: Reading

    /// Entries by the order in which they were planned.
    ///
    /// - Parameters:
    ///   - after: the last one of the page before; nil for the first page.
    ///   - limit: how many at most.
    func entries(
        _ query: EntryQuery, after: LedgerEntry.ID?, limit: Int
    ) throws(LedgerError) -> [LedgerEntry]

    /// - Parameter batch: nil for all.
    func counts(batch: Int64?) throws(LedgerError) -> EntryCounts

    /// How many entries of a query have an attempt, by the run that sealed the latest one and by what key it was on.
    ///
    /// - Returns: in the order of the runs, none that counts nothing.
    func secretCounts(_ query: EntryQuery) throws(LedgerError) -> [SecretCount]

    /// How many secrets of a query's entries `forgetUnused` would erase.
    func unusedSecrets(_ query: EntryQuery) throws(LedgerError) -> Int

    /// The entry that is done and whose credential was written over that of a done entry: only a ledger of a program from before
    /// `finish` looked for that has both.
    func successor(of entry: LedgerEntry.ID) throws(LedgerError) -> LedgerEntry?

    /// Attempts of an entry in their order, without their secrets.
    func attempts(of entry: LedgerEntry.ID) throws(LedgerError) -> [Attempt]

    /// Events by their number.
    func events(_ query: EventQuery, after: Int64, limit: Int) throws(LedgerError) -> [LedgerEvent]

    /// Looks for what was changed behind the ledger's back: events that were edited or are missing, entries and secrets that are
    /// not what their events say, damage of the store.
    func check() throws(LedgerError) -> LedgerCheck
}

extension Ledger {
    /// - Returns: how many entries are new.
    public func plan(_ batch: Batch, _ next: () throws(LedgerError) -> RosterEntry?) throws(LedgerError) -> Int {
        try plan(batch, issuer: nil, next).added
    }

    /// For a key that has a serial number, or holds nothing.
    public func reserve(
        for key: KeyIdentity, in batch: Batch, run: any LedgerRun
    ) throws(LedgerError) -> ReservationOutcome {
        try reserve(for: key, holding: [], in: batch, run: run)
    }
}

extension LedgerEntry: Identifiable {}

/// Reasons for a failed entry that a ledger or the line gives.
public enum LedgerFailure {
    /// The run ended in the middle of it.
    public static let interrupted = "interrupted"
}

/// What a check of a ledger came to.
public struct LedgerCheck: Hashable, Sendable {
    public enum Finding: Hashable, Sendable {
        /// From this event on the chain does not hold.
        case brokenChain(event: Int64)
        /// Events between these numbers, or up to the end, are missing.
        case missingEvents(ClosedRange<Int64>)
        /// The entry does not stand where its events left it: its state, its key or its attempt is another.
        case stateDiffers(entry: LedgerEntry.ID)
        /// The sealed secret is not the one that was recorded, or is missing.
        case secretDiffers(entry: LedgerEntry.ID)
        /// The name or the terms of the batch are not those that were recorded.
        case batchDiffers(batch: Int64)
        /// The station of the run is not the one that was recorded.
        case runDiffers(run: Int64)
        /// The sealed data key of the run is not the one that was recorded, or is missing although it seals secrets.
        case dataKeyDiffers(run: Int64)
        /// The recipients, to whom new runs seal, are not those that were recorded.
        case recipientsDiffer
        /// In the words of the store.
        case damage(String)
    }

    public let findings: [Finding]
    /// How many events there are.
    public let events: Int64
    /// The hash of the last one: who writes it down can tell later that nothing before it was changed.
    public let head: [UInt8]

    public init(findings: [Finding], events: Int64, head: [UInt8]) {
        self.findings = findings
        self.events = events
        self.head = head
    }
}
