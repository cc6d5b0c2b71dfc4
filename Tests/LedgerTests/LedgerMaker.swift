import Foundation
import KeyProvision
import SQLiteLedger
import Testing

/// A kind of ledger that the conformance suite runs on. A new one joins by one line in `all`.
struct LedgerMaker: Sendable, CustomTestStringConvertible {
    let name: String
    /// Opens the ledger of a place, a folder of the test's own, and makes it the first time.
    let open: @Sendable (_ place: URL, _ clock: @escaping @Sendable () -> UInt64) throws -> any Ledger

    var testDescription: String { name }

    static let all = [
        LedgerMaker(name: "SQLite") { try SQLiteLedger(path: $0.appendingPathComponent("ledger").path, clock: $1) }
    ]
}
