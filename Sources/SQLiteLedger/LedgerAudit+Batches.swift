internal import KeyProvision

/// Batches, beside the events that say what they are.
extension LedgerAudit {
    func batches() throws {
        try db.each("SELECT id, name, terms FROM batches ORDER BY id") { row in
            let id = try row.integer()
            let stored = [EventDetail.Name.name: try row.text(), EventDetail.Name.terms: try row.text()]
            if batchesTold[id] != stored { report(.batchDiffers(batch: id)) }
        }
    }
}
