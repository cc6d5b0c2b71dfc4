import Foundation
import KeyProvision
import SecretFormats
import Synchronization
import Testing

/// A new ledger with a batch, a run and a clock that the test turns.
final class LedgerBench {
    static let start: UInt64 = 1_795_299_200

    let folder: URL
    let ledger: any Ledger
    let batch: Batch
    private(set) var run: (any LedgerRun)?
    let time = Clock(LedgerBench.start)
    private let maker: LedgerMaker
    private var keys = 0

    final class Clock: Sendable {
        private let seconds: Mutex<UInt64>
        init(_ start: UInt64) { seconds = Mutex(start) }
        var now: UInt64 {
            get { seconds.withLock { $0 } }
            set { seconds.withLock { $0 = newValue } }
        }
    }

    init(_ maker: LedgerMaker) throws {
        self.maker = maker
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let time = time
        ledger = try maker.open(folder) { time.now }
        batch = try ledger.begin(batch: "admins", terms: "algorithm=SHA1\ndigits=6")
        run = try ledger.enter(station: "desk", sealedDataKey: Self.dataKey, sealedTo: nil)
    }

    deinit {
        run = nil
        try? FileManager.default.removeItem(at: folder)
    }

    static let dataKey = Array("sealed data key of the desk".utf8)

    /// Another connection to the same ledger, as of another process.
    func another() throws -> any Ledger {
        let time = time
        return try maker.open(folder) { time.now }
    }

    func currentRun() throws -> any LedgerRun { try #require(run) }

    func endRun() { run = nil }

    func plan(_ entries: [RosterEntry], in other: Batch? = nil) throws -> Int {
        var rest = entries[...]
        return try ledger.plan(other ?? batch) { rest.popFirst() }
    }

    func plan(accounts: String...) throws { _ = try plan(accounts.map { RosterEntry(account: $0) }) }

    /// A key that no other test step has.
    func nextKey() -> KeyIdentity {
        keys += 1
        return Self.key(serial: "k\(keys)")
    }

    static func key(serial: String?, model: String = "yubikey5") -> KeyIdentity {
        KeyIdentity(family: "ykoath", model: model, serial: serial, firmware: "5.4.3", isVirtual: true)
    }

    static func secret(_ word: String = "secret") -> [UInt8] { Array("sealed \(word) \(word.reversed())".utf8) }

    func attempt(
        on key: KeyIdentity, account: String = "anna", slot: Int = 2, secret: [UInt8] = LedgerBench.secret(),
        run other: Int64? = nil
    ) throws -> Attempt {
        try Self.attempt(on: key, account: account, slot: slot, secret: secret, run: try other ?? currentRun().id)
    }

    static func attempt(
        on key: KeyIdentity, account: String = "anna", slot: Int = 2, secret: [UInt8] = LedgerBench.secret(), run: Int64
    ) throws -> Attempt {
        let terms = CredentialTerms(
            label: try Label(issuer: "Example", account: account), kind: .totp(period: 30), algorithm: .sha256,
            digits: 8)
        return Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: run, key: key, slot: slot, terms: terms, sealedSecret: secret
        )
    }

    /// Reserves the next entry, which there has to be.
    func reserve(_ key: KeyIdentity, in other: Batch? = nil) throws -> LedgerEntry {
        let outcome = try ledger.reserve(for: key, in: other ?? batch, run: currentRun())
        guard case .reserved(let entry) = outcome else { throw Unexpected(outcome: outcome) }
        return entry
    }

    struct Unexpected: Error { let outcome: ReservationOutcome }

    /// Takes the next entry with a key through the line, up to `state`.
    @discardableResult
    func bring(to state: EntryState, with key: KeyIdentity? = nil, secret: [UInt8] = LedgerBench.secret()) throws
        -> Int64
    {
        let key = key ?? nextKey()
        let id = try reserve(key).id
        switch state {
        case .planned: try ledger.release(id)
        case .reserved: break
        case .failed:
            try ledger.startWriting(id, attempt(on: key, secret: secret))
            try ledger.fail(id, reason: "removed")
        case .writing: try ledger.startWriting(id, attempt(on: key, secret: secret))
        case .verified, .exported, .forgotten:
            try ledger.startWriting(id, attempt(on: key, secret: secret))
            try ledger.finish(id, .full)
            if state == .exported { try ledger.markExported([id], target: "pskc") }
            if state == .forgotten { try ledger.forget([id]) }
        }
        return id
    }

    /// Files of the ledger that have these bytes in them.
    func files(with bytes: [UInt8]) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
            try Data(contentsOf: folder.appendingPathComponent(name)).range(of: Data(bytes)) != nil
        }
    }

    func entry(_ id: Int64) throws -> LedgerEntry {
        try #require(try ledger.entries(EntryQuery(), after: id - 1, limit: 1).first { $0.id == id })
    }

    func allEvents(_ query: EventQuery = EventQuery()) throws -> [LedgerEvent] {
        try ledger.events(query, after: 0, limit: 100_000)
    }

    /// All that can be read of the ledger.
    struct Contents: Equatable {
        let entries: [LedgerEntry], attempts: [[Attempt]], events: [LedgerEvent], counts: EntryCounts, batches: [Batch]
        let recipients: [String]?
    }

    func contents() throws -> Contents {
        let entries = try ledger.entries(EntryQuery(withSecrets: true), after: nil, limit: 100_000)
        return Contents(
            entries: entries, attempts: try entries.map { try ledger.attempts(of: $0.id) }, events: try allEvents(),
            counts: try ledger.counts(batch: nil), batches: try ledger.batches(), recipients: try ledger.recipients())
    }

    func checkIsClean(_ location: SourceLocation = #_sourceLocation) throws {
        #expect(try ledger.check().findings == [], sourceLocation: location)
    }
}
