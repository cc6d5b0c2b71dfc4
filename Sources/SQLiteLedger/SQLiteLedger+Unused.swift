internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func unusedSecrets(_ query: EntryQuery) throws(LedgerError) -> Int {
        guard query.states?.isEmpty != true else { return 0 }
        return try read { db in
            try query.eachAccount { try db.countUnused(query, account: $0) }.reduce(0, +)
        }
    }

    public func forgetUnused(_ query: EntryQuery, limit: Int) throws(LedgerError) -> Int {
        guard limit > 0, query.states?.isEmpty != true else { return 0 }
        return try change { change in
            var (erased, runs) = (0, Set<Int64>())
            _ = try query.eachAccount { account in
                let secrets = try change.db.unusedSecrets(query, account: account, limit: limit - erased)
                for secret in secrets { try change.erase(secret) }
                erased += secrets.count
                runs.formUnion(secrets.map(\.run))
            }
            for run in runs { try change.eraseDataKey(of: run) }
            return erased
        }
    }
}

/// A sealed secret that nobody uses.
private struct UnusedSecret {
    /// Of the row.
    let number: Int64
    let attempt: Attempt.ID
    let run: Int64
    let entry: Int64
    let batch: Int64

    init(_ row: inout StoredRow) throws(LedgerError) {
        number = try row.integer()
        guard let id = Attempt.ID(try row.bytes()) else { throw .damaged("an attempt has a name that it cannot have") }
        attempt = id
        (run, entry, batch) = (try row.integer(), try row.integer(), try row.integer())
    }
}

extension Change {
    fileprivate func erase(_ secret: UnusedSecret) throws {
        try db.run("UPDATE attempts SET sealed = NULL WHERE number = ?", secret.number)
        try db.run("UPDATE runs SET secrets = secrets - 1 WHERE id = ?", secret.run)
        try record(.erased, batch: secret.batch, entry: secret.entry, .erased(secret.attempt))
    }
}

extension Database {
    fileprivate func countUnused(_ query: EntryQuery, account: String?) throws -> Int {
        let (conditions, arguments) = query.conditions(account: account)
        return try all("SELECT count(*) \(Self.unused(conditions))", list: arguments) { try $0.int() }.first ?? 0
    }

    fileprivate func unusedSecrets(_ query: EntryQuery, account: String?, limit: Int) throws -> [UnusedSecret] {
        let (conditions, arguments) = query.conditions(account: account)
        return try all(
            "SELECT a.number, a.id, a.run, e.id, e.batch \(Self.unused(conditions)) ORDER BY a.entry, a.number LIMIT ?",
            list: arguments + [limit]
        ) { try UnusedSecret(&$0) }
    }

    /// Through the index that has nothing but such secrets.
    private static func unused(_ conditions: [String]) -> String {
        let all = ["a.unused = 1", "a.sealed IS NOT NULL"] + conditions
        return "FROM attempts a CROSS JOIN entries e ON e.id = a.entry WHERE " + all.joined(separator: " AND ")
    }
}
