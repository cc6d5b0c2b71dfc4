/// Why the ledger did not do it. Nothing of what was asked stands then.
public enum LedgerError: Error, Hashable, Sendable {
    /// Made by a newer program, which may mean other things by what it says.
    case newerVersion(found: Int, known: Int)
    /// A file, and not a ledger.
    case notALedger
    /// Its own bytes contradict each other; in the words of the store.
    case damaged(String)
    case storage(StorageFault)
    case batchExists(String)
    case noSuchBatch(String)
    /// The same account of the same issuer twice in one roster.
    case duplicateEntry(account: String, issuer: String?)
    /// The entry is not in a state from which this can be done: another run was faster, or it is over.
    case wrongState(EntryState)
    case noSuchEntry
    /// The recipients are not what the caller took them for: another process set them meanwhile.
    case recipientsChanged
    /// What was to be written did not come to its end.
    case stopped
    /// The cryptographic library failed.
    case cryptography

    public enum StorageFault: Hashable, Sendable {
        case full, readOnly, noPermission, noFolder
        /// Other processes did not let go of it for seconds.
        case busy
        /// In the words of the store.
        case other(String)
    }
}
