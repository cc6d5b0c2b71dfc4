internal import GRDB
internal import KeyProvision
internal import SecretFormats

extension LedgerError {
    /// What SQLite said, without the statement and its arguments.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as LedgerError: error
            case let error as DatabaseError: Self.meaning(of: error)
            case is CryptoError: .cryptography
            default: .storage(.other("\(type(of: error))"))
            }
    }

    /// A caller's mistake, which no person can make.
    static func misuse(_ what: String) -> Self { .storage(.other(what)) }

    private static func meaning(of error: DatabaseError) -> Self {
        let words = error.message ?? error.extendedResultCode.description
        return switch error.extendedResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR_SHMSIZE: .storage(.full)
        case .SQLITE_READONLY: .storage(.readOnly)
        case .SQLITE_PERM, .SQLITE_AUTH: .storage(.noPermission)
        case .SQLITE_BUSY, .SQLITE_LOCKED: .storage(.busy)
        // Also a table that is not as it was made, and a number that is taken although the head says that it is free.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT: .damaged(words)
        default: .storage(.other(words))
        }
    }
}
