import KeyProvision
import SQLiteLedger
import SecretFormats
import Synchronization
import USBTransport

/// The life of a process that is killed at its n-th step: each write to the ledger and each USB transfer is two, one before it
/// takes effect and one after. From then on it can change nothing any more, neither a ledger nor a key.
final class Mortality: Sendable {
    private let stepsLeft: Mutex<Int?>

    /// - Parameter step: nil for a process that lives.
    init(dyingAt step: Int?) { stepsLeft = Mutex(step) }

    var isDead: Bool { stepsLeft.withLock { $0 == 0 } }

    /// - Returns: whether the process is alive after this step.
    func step() -> Bool {
        stepsLeft.withLock { left in
            guard let steps = left else { return true }
            left = max(steps - 1, 0)
            return left != 0
        }
    }
}

/// A run of a mortal process. The end of a process that lives is a step as well.
final class MortalRun: LedgerRun {
    let id: Int64
    private let run: any LedgerRun
    private let ledger: SQLiteLedger
    private let life: Mortality

    init(_ run: any LedgerRun, of ledger: SQLiteLedger, _ life: Mortality) {
        (id, self.run, self.ledger, self.life) = (run.id, run, ledger, life)
    }

    // The ledger's own run would free what it has in hand. Of a dead process nothing comes but what the kernel does: it closes the
    // files, with the lock that tells that the run is alive.
    deinit { if !life.step() { try? ledger.close() } }
}

/// A ledger as a mortal process has it.
final class MortalLedger: Ledger {
    private let ledger: SQLiteLedger
    private let life: Mortality

    init(_ ledger: SQLiteLedger, _ life: Mortality) { (self.ledger, self.life) = (ledger, life) }

    private func change<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
        guard life.step() else { throw .stopped }
        let result = try body()
        guard life.step() else { throw .stopped }
        return result
    }

    func enter(
        station: String, sealedDataKey: [UInt8], sealedTo recipients: [String]?
    ) throws(LedgerError) -> any LedgerRun {
        try change { () throws(LedgerError) in
            MortalRun(
                try ledger.enter(station: station, sealedDataKey: sealedDataKey, sealedTo: recipients), of: ledger,
                life)
        }
    }
    func recipients() throws(LedgerError) -> [String]? { try ledger.recipients() }
    func setRecipients(_ recipients: [String]) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.setRecipients(recipients) }
    }
    func rekey(
        to recipients: [String], _ reseal: ([UInt8]) throws(LedgerError) -> [UInt8]
    ) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.rekey(to: recipients, reseal) }
    }
    func sealedRun(_ id: Int64) throws(LedgerError) -> SealedRun? { try ledger.sealedRun(id) }
    func begin(batch name: String, terms: String) throws(LedgerError) -> Batch {
        try change { () throws(LedgerError) in try ledger.begin(batch: name, terms: terms) }
    }
    func restate(_ batch: Batch, terms: String) throws(LedgerError) -> Batch {
        try change { () throws(LedgerError) in try ledger.restate(batch, terms: terms) }
    }
    func batch(named name: String) throws(LedgerError) -> Batch? { try ledger.batch(named: name) }
    func batches() throws(LedgerError) -> [Batch] { try ledger.batches() }
    func plan(
        _ batch: Batch, issuer: String?, _ next: () throws(LedgerError) -> RosterEntry?
    ) throws(LedgerError) -> PlanOutcome {
        try change { () throws(LedgerError) in try ledger.plan(batch, issuer: issuer, next) }
    }
    func unplanned(_ entries: [RosterEntry], in batch: Batch, issuer: String?) throws(LedgerError) -> Int {
        try ledger.unplanned(entries, in: batch, issuer: issuer)
    }
    func reserve(
        for key: KeyIdentity, holding names: [Label], in batch: Batch, run: any LedgerRun
    ) throws(LedgerError) -> ReservationOutcome {
        try change { () throws(LedgerError) in try ledger.reserve(for: key, holding: names, in: batch, run: run) }
    }
    func leftovers(on key: KeyIdentity, in batch: Batch) throws(LedgerError) -> [Attempt] {
        try ledger.leftovers(on: key, in: batch)
    }
    func markCleared(_ attempt: Attempt, from key: KeyIdentity, by run: any LedgerRun) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.markCleared(attempt, from: key, by: run) }
    }
    func start(
        _ entry: RosterEntry, in batch: Batch, with attempt: Attempt
    ) throws(LedgerError) -> LedgerEntry {
        try change { () throws(LedgerError) in try ledger.start(entry, in: batch, with: attempt) }
    }
    func startWriting(_ entry: LedgerEntry.ID, _ attempt: Attempt) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.startWriting(entry, attempt) }
    }
    func finish(
        _ entry: LedgerEntry.ID, _ attempt: Attempt.ID, _ verification: Verification
    ) throws(LedgerError) -> [LedgerEntry] {
        try change { () throws(LedgerError) in try ledger.finish(entry, attempt, verification) }
    }
    func fail(_ entry: LedgerEntry.ID, of run: Int64, reason: String) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.fail(entry, of: run, reason: reason) }
    }
    func release(_ entry: LedgerEntry.ID, of run: Int64) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.release(entry, of: run) }
    }
    func undo(_ entry: LedgerEntry.ID) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.undo(entry) }
    }
    func markExported(_ entries: [SeenEntry], target: String) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.markExported(entries, target: target) }
    }
    func forget(_ entries: [SeenEntry]) throws(LedgerError) {
        try change { () throws(LedgerError) in try ledger.forget(entries) }
    }
    func successor(of entry: LedgerEntry.ID) throws(LedgerError) -> LedgerEntry? { try ledger.successor(of: entry) }
    func forgetUnused(_ query: EntryQuery, limit: Int) throws(LedgerError) -> Int {
        try change { () throws(LedgerError) in try ledger.forgetUnused(query, limit: limit) }
    }
    func compact() throws(LedgerError) { try change { () throws(LedgerError) in try ledger.compact() } }
    func entries(
        _ query: EntryQuery, after: LedgerEntry.ID?, limit: Int
    ) throws(LedgerError) -> [LedgerEntry] {
        try ledger.entries(query, after: after, limit: limit)
    }
    func counts(batch: Int64?) throws(LedgerError) -> EntryCounts { try ledger.counts(batch: batch) }
    func secretCounts(_ query: EntryQuery) throws(LedgerError) -> [SecretCount] { try ledger.secretCounts(query) }
    func unusedSecrets(_ query: EntryQuery) throws(LedgerError) -> Int { try ledger.unusedSecrets(query) }
    func attempts(of entry: LedgerEntry.ID) throws(LedgerError) -> [Attempt] { try ledger.attempts(of: entry) }
    func events(_ query: EventQuery, after: Int64, limit: Int) throws(LedgerError) -> [LedgerEvent] {
        try ledger.events(query, after: after, limit: limit)
    }
    func check() throws(LedgerError) -> LedgerCheck { try ledger.check() }
}

/// A key as a mortal process drives it.
final class MortalDevice: USBDevice {
    private let device: any USBDevice
    private let life: Mortality

    init(_ device: any USBDevice, _ life: Mortality) { (self.device, self.life) = (device, life) }

    private func step(_ operation: USBError.Operation) throws(USBError) {
        guard life.step() else { throw USBError(.noDevice, during: operation) }
    }

    func claimInterface(_ number: UInt8) throws(USBError) {
        guard !life.isDead else { throw USBError(.noDevice, during: .claim(interface: number)) }
        try device.claimInterface(number)
    }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try step(.control(request: setup.request))
        let answer = try device.control(setup, data: data, timeout: timeout)
        try step(.control(request: setup.request))
        return answer
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        try step(.write(endpoint: endpoint))
        try device.write(bytes, to: endpoint, timeout: timeout)
        try step(.write(endpoint: endpoint))
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try step(.read(endpoint: endpoint))
        let answer = try device.read(upTo: count, from: endpoint, timeout: timeout)
        try step(.read(endpoint: endpoint))
        return answer
    }

    func pause(for duration: Duration) { device.pause(for: duration) }

    /// The kernel closes what a dead process had open.
    func close() { device.close() }
}
