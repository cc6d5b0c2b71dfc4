internal import GRDB
public import KeyProvision

extension SQLiteLedger {
    public func markExported(_ entries: [SeenEntry], target: String) throws(LedgerError) {
        try change { try $0.markExported(entries, target: target) }
    }

    public func forget(_ entries: [SeenEntry]) throws(LedgerError) {
        try change { change in
            var runs: Set<Int64> = []
            for entry in entries {
                runs.formUnion(try change.forget(try change.standing(of: entry, before: .forgotten)))
            }
            for run in runs { try change.eraseDataKey(of: run) }
        }
    }

    public func compact() throws(LedgerError) {
        let isBusy = try access { db in
            try db.execute(sql: "VACUUM")
            // The log still has what the pages held before.
            return try db.integer("PRAGMA wal_checkpoint(TRUNCATE)") != 0
        }
        if isBusy { throw .storage(.busy) }
    }
}
