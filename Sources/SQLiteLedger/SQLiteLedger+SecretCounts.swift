internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func secretCounts(_ query: EntryQuery) throws(LedgerError) -> [SecretCount] {
        guard query.states?.isEmpty != true else { return [] }
        return try read { db in
            var counts: [SecretGroup: Int] = [:]
            _ = try query.eachAccount { try db.countSecrets(query, account: $0, into: &counts) }
            return counts.map { SecretCount(run: $0.run, isVirtual: $0.isVirtual, entries: $1) }
                .sorted { ($0.run, $0.isVirtual ? 1 : 0) < ($1.run, $1.isVirtual ? 1 : 0) }
        }
    }
}

private struct SecretGroup: Hashable { let run: Int64, isVirtual: Bool }

extension Database {
    /// - Parameter account: nil for all.
    fileprivate func countSecrets(
        _ query: EntryQuery, account: String?, into counts: inout [SecretGroup: Int]
    ) throws {
        let (conditions, arguments) = query.conditions(account: account)
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let groups = try all(
            """
            SELECT a.run, a.virtual <> 0, count(*) FROM entries e CROSS JOIN attempts a ON a.number = e.attempt
            \(condition) GROUP BY 1, 2
            """, list: arguments
        ) { (SecretGroup(run: try $0.integer(), isVirtual: try $0.integer() != 0), try $0.int()) }
        for (group, entries) in groups { counts[group, default: 0] += entries }
    }
}

extension EntryQuery {
    /// What comes of each account, or once of nil where all are meant.
    func eachAccount<Result>(_ body: (String?) throws -> Result) rethrows -> [Result] {
        let each: [String?] = accounts.map { Array(Set($0)) } ?? [nil]
        return try each.map(body)
    }

    /// Conditions on `entries e`, and their arguments.
    ///
    /// - Parameter account: one of those of the query; nil for all.
    func conditions(account: String?) -> (sql: [String], arguments: [Database.Argument]) {
        var (conditions, arguments) = ([String](), [Database.Argument]())
        if let account {
            conditions.append("e.account = ?")
            arguments.append(account)
        }
        if let batch {
            conditions.append("e.batch = ?")
            arguments.append(batch)
        }
        if let serial {
            conditions.append("e.key_serial = ?")
            arguments.append(serial)
        }
        if let states {
            let words = EntryState.allCases.filter(states.contains).map { "'\($0.rawValue)'" }
            conditions.append("e.state IN (\(words.joined(separator: ", ")))")
        }
        return (conditions, arguments)
    }
}
