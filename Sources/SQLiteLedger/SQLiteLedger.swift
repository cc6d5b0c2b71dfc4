internal import GRDB
public import KeyProvision

/// A ledger in one file of SQLite, for the stations of one machine.
///
/// The file and those that SQLite puts beside it (`-wal`, `-shm`) are for their owner alone, and so is `-runs`, which tells
/// which runs are alive. What stands in them: `Schema`, and Docs/ledger.md.
///
/// Closures that a method takes are called within its change: in them the ledger can be read and not changed.
public final class SQLiteLedger: Ledger {
    let locks: RunLocks
    private let queue: DatabaseQueue
    private let clock: @Sendable () -> UInt64

    /// Opens the ledger, or makes an empty one, in a folder that exists.
    ///
    /// - Parameter clock: seconds since 1970.
    /// - Throws: `.notALedger`, `.newerVersion`, `.damaged` or `.storage`.
    public convenience init(path: String, clock: @escaping @Sendable () -> UInt64) throws(LedgerError) {
        let isNew = try LedgerFile.make(path)
        let path = try LedgerFile.resolved(path)
        self.init(try Self.opened { try Connection.open(path, isNew: isNew) }, path: path, clock: clock)
    }

    /// Opens a ledger that exists to read it, also where its folder cannot be written to. Each change is refused with
    /// `.storage(.readOnly)`.
    public convenience init(readingPath path: String) throws(LedgerError) {
        let path = try LedgerFile.resolved(path)
        self.init(try Self.opened { try Connection.openReadOnly(path) }, path: path, clock: { 0 })
    }

    /// - Parameter path: as `LedgerFile.resolved` gives it.
    private init(_ queue: DatabaseQueue, path: String, clock: @escaping @Sendable () -> UInt64) {
        self.queue = queue
        self.clock = clock
        locks = RunLocks(path: Connection.runsPath(of: path))
    }

    /// Lets go of the file. Whatever is asked afterwards fails.
    public func close() throws(LedgerError) {
        do { try queue.close() } catch { throw LedgerError(error) }
    }

    private static func opened(_ open: () throws -> DatabaseQueue) throws(LedgerError) -> DatabaseQueue {
        do { return try open() } catch { throw LedgerError(error) }
    }

    /// One change: all that `body` writes, with its events, or nothing of it.
    func change<Result>(_ body: (Change) throws -> Result) throws(LedgerError) -> Result {
        try access { db in
            guard !db.isInsideTransaction else { throw LedgerError.misuse("a change within a change") }
            var result: Result?
            try db.inTransaction(.immediate) {
                let change = Change(db, time: Int64(clamping: clock()), locks: locks)
                result = try body(change)
                try change.finish()
                return .commit
            }
            return result
        }
    }

    /// What `body` reads is of one moment.
    func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        try access { db in
            guard !db.isInsideTransaction else { return try body(db) }
            var result: Result?
            try db.inTransaction(.deferred) {
                result = try body(db)
                return .commit
            }
            return result
        }
    }

    /// Outside of a transaction.
    func access<Result>(_ body: (Database) throws -> Result?) throws(LedgerError) -> Result {
        do {
            // The one that does not trap when a closure of the caller comes back to the ledger.
            if let result = try queue.unsafeReentrantWrite(body) { return result }
        } catch {
            throw LedgerError(error)
        }
        throw .misuse("nothing came of it")
    }
}
