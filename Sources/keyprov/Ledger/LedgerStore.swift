import KeyProvision
import SQLiteLedger

/// From the options of a command to an open ledger.
struct LedgerStore {
    let path: String
    private let stateFolder: String?

    init(_ options: LedgerOptions, _ global: GlobalOptions) throws {
        stateFolder = try options.ledger == nil ? global.stateFolder() : nil
        path = options.ledger?.path ?? LedgerPlace.usual(stateFolder ?? "").path
    }

    var exists: Bool { Files.exists(path) }

    /// Opens it; makes it where there is none.
    func open() throws -> any Ledger {
        if let stateFolder { try StateFolder.make(stateFolder) }
        return try LedgerUseFailure.at(path) { () throws(LedgerError) in
            try SQLiteLedger(path: path, clock: World.current.now)
        }
    }

    /// Nil where there is none of that name, or no ledger yet.
    func batch(named name: String) throws -> Batch? {
        guard exists else { return nil }
        let ledger = try open()
        return try LedgerUseFailure.at(path) { () throws(LedgerError) in try ledger.batch(named: name) }
    }

    /// Opens one that exists.
    func openExisting() throws -> any Ledger {
        if exists { return try open() }
        guard Files.mayBeLookedFor(path) else { throw LedgerUseFailure.store(.storage(.noPermission), path: path) }
        throw LedgerUseFailure.none(path)
    }

    /// Opens one that exists to look at it, also where nothing can be written: on a read-only file system, and in a folder for others.
    func openToRead() throws -> any Ledger {
        let file = Files.target(of: path)
        let canBeWritten = Files.canWrite(file) && Files.canWrite(Files.folder(of: file))
        guard exists, !canBeWritten else { return try openExisting() }
        return try LedgerUseFailure.at(path) { () throws(LedgerError) in try SQLiteLedger(readingPath: path) }
    }
}

/// What can be wrong with a ledger, or with what is asked of it.
enum LedgerUseFailure: Error {
    case none(String)
    case store(LedgerError, path: String)
    /// The batch was begun with other terms.
    case otherTerms(batch: String, changed: [String])
    /// Another key than the one that has the secret.
    case otherKey(AttachedDevice, wanted: KeyIdentity)
    /// The key that has the secret is not there.
    case keyAbsent(KeyIdentity)
    /// The batch is not for that account, or not for so many of its keys.
    case noEntry(account: String, copy: Int, batch: String)
    /// It was rekeyed to a passphrase, which was not given.
    case passphraseOnly(String, option: String)
    /// The key has the credential of another entry in its place.
    case writtenOver(account: String, by: LedgerEntry)
    /// Which of the entries of an account is meant.
    case severalIssuers(account: String, [String?])
    /// The batch of single enrollments.
    case notARoster(batch: String)
    /// It was begun, and going on was not asked for.
    case begun(batch: String)

    static func at<Result>(
        _ path: String, _ body: () throws(LedgerError) -> Result
    ) throws(LedgerUseFailure) -> Result {
        do throws(LedgerError) { return try body() } catch { throw .store(error, path: path) }
    }
}
