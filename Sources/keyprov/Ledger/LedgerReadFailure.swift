import KeyProvision
import Sealing
import SecretFormats

/// What can be wrong with what is asked of a ledger that exists.
enum LedgerReadFailure: Error {
    /// The ledger, or its batch, has no entries of these.
    case noAccounts([String])
    /// Nothing opens its secrets, and none was named.
    case noKey(path: String)
    /// What was given opens no data key of the runs that sealed these entries.
    case locked(entries: Int, of: Int, SealError, path: String)
    /// No entry is verified and not exported yet; how many were exported before, and how many are on virtual keys.
    case nothingToExport(exported: Int, virtual: Int)
    /// What was searched for.
    case noneFound(account: String?, serial: String?)
    /// No key is done, or none of these accounts.
    case nothingForSheets([String])
    /// A sealed secret is missing or changed.
    case lostSecret(account: String, SealError?)
    /// The format does not take what an entry says.
    case unfit(FormatError, account: String)
    /// Entries with a key that no server knows of.
    case notExported([String])
    case findings(Int, path: String)
    /// So much that it cannot be looked through; in the words of the store.
    case damaged(String, path: String)
    /// What was given does not open the data key of a run.
    case sealed(SealError, path: String)
}
