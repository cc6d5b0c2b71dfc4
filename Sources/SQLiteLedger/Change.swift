internal import GRDB
internal import KeyProvision

/// One transaction that writes: the events of its changes, and what they sum up to.
///
/// The head of the chain is read from the file when the first event comes, since other processes write to it too, and is written
/// back once at the end, as are the counts.
final class Change {
    let db: Database
    /// In seconds since 1970; one for all of the transaction.
    let time: Int64
    let locks: RunLocks
    private var head: Head?
    private var counted: [Place: Int] = [:]

    private struct Head { var number: Int64, hash: [UInt8] }
    private struct Place: Hashable { let batch: Int64, state: EntryState }

    init(_ db: Database, time: Int64, locks: RunLocks) {
        self.db = db
        self.time = time
        self.locks = locks
    }

    func record(
        _ kind: LedgerEvent.Kind, run: Int64? = nil, batch: Int64? = nil, entry: Int64? = nil, _ detail: EventDetail
    ) throws {
        let previous = try currentHead()
        let (number, isBeyond) = previous.number.addingReportingOverflow(1)
        if isBeyond { throw LedgerError.damaged("the head of the chain has a number that it cannot have") }
        let unsigned = LedgerEvent(
            number: number, unixTime: UInt64(clamping: time), kind: kind, run: run, batch: batch,
            entry: entry,
            detail: detail.text, hash: [])
        let hash = try EventChain.hash(unsigned, after: previous.hash)
        try db.run(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", unsigned.number, time, kind.rawValue, run, batch,
            entry,
            unsigned.detail, blob(hash))
        head = Head(number: unsigned.number, hash: hash)
    }

    /// An entry that came to be in `state`, or left it where `count` is negative.
    func count(_ count: Int, _ state: EntryState, batch: Int64) {
        counted[Place(batch: batch, state: state), default: 0] += count
    }

    func finish() throws {
        for (place, count) in counted where count != 0 {
            try db.run(
                "UPDATE counts SET entries = entries + ? WHERE batch = ? AND state = ?", count, place.batch,
                place.state.rawValue)
            if db.changesCount == 0 {
                try db.run("INSERT INTO counts VALUES (?, ?, ?)", place.batch, place.state.rawValue, count)
            }
        }
        if let head { try db.run("UPDATE head SET number = ?, hash = ?", head.number, blob(head.hash)) }
    }

    private func currentHead() throws -> Head {
        if let head { return head }
        guard let stored = try db.storedHead() else { throw LedgerError.damaged("the head of the chain is missing") }
        return Head(number: stored.number, hash: stored.hash)
    }
}

extension Database {
    /// What the last event was when the last change was made; nil where that was removed.
    func storedHead() throws -> (number: Int64, hash: [UInt8])? {
        try first("SELECT number, hash FROM head") { (number: try $0.integer(), hash: try $0.bytes()) }
    }
}
