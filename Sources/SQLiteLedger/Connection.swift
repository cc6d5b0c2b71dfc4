internal import GRDB
internal import Glibc
internal import KeyProvision

/// Opens the file, finds out what it is before it changes anything of it, and brings it to the version of this program.
enum Connection {
    /// How long other processes may hold the ledger.
    private static let patience: Double = 30
    /// Pauses between tries to change the journal's mode, for which SQLite does not wait by itself, in microseconds.
    private static let pause: UInt32 = 20_000
    /// In KiB, negative as `PRAGMA cache_size` wants it.
    private static let cache = -8192
    /// Bytes that the log keeps once all of it is in the file: a large plan leaves no large log behind.
    private static let logLimit = 16 << 20

    private enum Contents { case nothing, ledger(version: Int) }

    /// - Parameters:
    ///   - path: as `LedgerFile.resolved` gives it.
    ///   - isNew: whether the file was made now.
    static func open(_ path: String, isNew: Bool) throws -> DatabaseQueue {
        // One that runs have entered, and that was cut to nothing since.
        if !isNew, LedgerFile.isEmpty(path), LedgerFile.exists(runsPath(of: path)) {
            throw LedgerError.damaged("the file is empty")
        }
        let queue = try connect(path, readOnly: false)
        _ = try queue.inDatabase(contents)
        try useWriteAheadLog(queue)
        try queue.inDatabase(migrate)
        return queue
    }

    /// A ledger that is left as it is.
    static func openReadOnly(_ path: String) throws -> DatabaseQueue {
        try LedgerFile.checkAccess(path, mode: R_OK)
        let queue = try readOnlyQueue(path)
        guard case .ledger(let version) = try queue.inDatabase(contents) else { throw LedgerError.notALedger }
        guard version == Schema.version else { throw LedgerError.storage(.readOnly) }
        return queue
    }

    static func runsPath(of path: String) -> String { path + "-runs" }

    /// In a folder that cannot be written to, SQLite reads a file with a write-ahead log only where another process has made the
    /// log's index; where there is no log, all there is to read is in the file itself.
    private static func readOnlyQueue(_ path: String) throws -> DatabaseQueue {
        do {
            let queue = try connect(path, readOnly: true)
            _ = try queue.inDatabase(contents)
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            guard LedgerFile.isEmpty(path + "-wal") else { throw error }
            return try connect("file:\(escaped(path))?immutable=1", readOnly: true)
        }
    }

    /// As sqlite.org/uri.html has it.
    private static func escaped(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    }

    private static func connect(_ name: String, readOnly: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { db in
            for pragma in [
                "trusted_schema = OFF", "cell_size_check = ON", "secure_delete = ON", "synchronous = FULL",
                "cache_size = \(cache)", "journal_size_limit = \(logLimit)",
            ] {
                try db.execute(sql: "PRAGMA \(pragma)")
            }
        }
        do {
            return try DatabaseQueue(path: name, configuration: configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw LedgerError.notALedger
        }
    }

    private static func contents(_ db: Database) throws -> Contents {
        let application = try db.integer("PRAGMA application_id")
        let version = Int(try db.integer("PRAGMA user_version") ?? 0)
        if application == Schema.applicationID, version > 0 {
            guard version <= Schema.version else {
                throw LedgerError.newerVersion(found: version, known: Schema.version)
            }
            return .ledger(version: version)
        }
        guard application == 0, version == 0, try db.integer("SELECT count(*) FROM sqlite_master") == 0 else {
            throw LedgerError.notALedger
        }
        return .nothing
    }

    /// Needs the file for itself for a moment the first time, and does nothing later.
    private static func useWriteAheadLog(_ queue: DatabaseQueue) throws {
        var rest = Int(patience * 1_000_000) / Int(pause)
        while true {
            do {
                return try queue.inDatabase { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && rest > 0 {
                rest -= 1
                usleep(pause)
            }
        }
    }

    /// SQLite knows the small letters of ASCII only.
    private static func foldAccounts(_ db: Database) throws {
        let others = try db.all(
            "SELECT id, account FROM entries WHERE account GLOB '*[^' || char(1) || '-' || char(127) || ']*'"
        ) { (id: try $0.integer(), account: try $0.text()) }
        for (id, account) in others {
            try db.run("UPDATE entries SET person = ? WHERE id = ?", account.lowercased(), id)
        }
    }

    private static func migrate(_ db: Database) throws {
        if case .ledger(Schema.version) = try contents(db) { return }
        try db.inTransaction(.immediate) {
            // Another process may have been faster.
            let found = if case .ledger(let version) = try contents(db) { version } else { 0 }
            for migration in Schema.migrations.dropFirst(found) { try db.execute(sql: migration) }
            try foldAccounts(db)
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(Schema.version)")
            return .commit
        }
    }
}
