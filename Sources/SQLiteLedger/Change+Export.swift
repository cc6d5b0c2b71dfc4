internal import GRDB
internal import KeyProvision

/// The one step that is taken with thousands of entries at once: their rows are read and written by one statement each.
extension Change {
    private struct Place { let batch: Int64, state: EntryState, attempt: Attempt.ID? }

    /// verified or exported → exported, in the order of `entries`, which may have one twice.
    func markExported(_ entries: [SeenEntry], target: String) throws {
        let before = EntryState.allCases.filter { $0.successors.contains(.exported) }
        let list = Self.json(entries.map(\.id))
        var places = try places(of: list)
        for entry in entries {
            guard let place = places[entry.id] else { throw LedgerError.noSuchEntry }
            guard before.contains(place.state), place.state == entry.state, place.attempt == entry.attempt else {
                throw LedgerError.wrongState(place.state)
            }
        }
        try db.run(
            "UPDATE entries SET state = 'exported', changed = ? WHERE id IN (SELECT value FROM json_each(?))", time,
            list)
        let detail = EventDetail.exported(to: target)
        for entry in entries.map(\.id) {
            guard let place = places[entry] else { continue }
            if place.state != .exported {
                count(-1, place.state, batch: place.batch)
                count(1, .exported, batch: place.batch)
                places[entry] = Place(batch: place.batch, state: .exported, attempt: place.attempt)
            }
            try record(.exported, batch: place.batch, entry: entry, detail)
        }
    }

    private func places(of list: String) throws -> [LedgerEntry.ID: Place] {
        var places: [LedgerEntry.ID: Place] = [:]
        try db.each(
            """
            SELECT e.id, e.batch, e.state, a.id FROM entries e LEFT JOIN attempts a ON a.number = e.attempt
            WHERE e.id IN (SELECT value FROM json_each(?))
            """, list
        ) { row in
            let id = try row.integer()
            places[id] = Place(
                batch: try row.integer(), state: try row.word(),
                attempt: try row.optionalBytes().flatMap(Attempt.ID.init))
        }
        return places
    }

    private static func json(_ entries: [LedgerEntry.ID]) -> String {
        "[" + entries.map { String($0) }.joined(separator: ",") + "]"
    }
}
