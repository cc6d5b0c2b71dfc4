import ByteBuffers
import KeyProvision
import SecretFormats

/// Entries of a ledger without their secrets, as people and programs read them.
struct EntryTable {
    private let batchNames: [Int64: String]

    init(names batches: [Batch]) {
        batchNames = Dictionary(batches.map { ($0.id, $0.name) }) { first, _ in first }
    }

    static let heading = ["batch", "account", "owner", "state", "key", "verified", "station", "day"]

    private static let nothing = "-"

    func row(_ entry: LedgerEntry) -> [String] {
        [
            batchNames[entry.batch], entry.roster.name, entry.roster.owner,
            entry.state.rawValue + (entry.failure.map { " (\($0))" } ?? ""), entry.shownAttempt?.key.text,
            entry.shownAttempt?.verification?.rawValue, entry.station, UTC.day(entry.changed),
        ].map { $0.flatMap { $0.isEmpty ? nil : $0 } ?? Self.nothing }
    }

    /// A line for each.
    func json(_ entries: [LedgerEntry]) -> WipedBuffer {
        let json = JSONWriter()
        for entry in entries {
            json.object {
                json.key("kind")
                json.value("entry")
                json.key("entry")
                json.value(entry.id)
                json.key("batch")
                json.value(batchNames[entry.batch])
                json.members(entry.roster)
                json.key("state")
                json.value(entry.state.rawValue)
                json.key("reason")
                json.value(entry.failure)
                json.members(entry.shownAttempt)
                json.key("station")
                json.value(entry.station)
                json.key("changed")
                json.value(entry.changed)
            }
            json.endLine()
        }
        return json.buffer
    }
}

extension LedgerEntry {
    /// Where nothing was sent since the entry was opened again, the latest attempt is that of before.
    fileprivate var shownAttempt: Attempt? { state == .planned || state == .reserved ? nil : attempt }
}

extension RosterEntry {
    /// Issuer and account as credentials are named, and which key of it.
    var name: String { (issuer.map { "\($0):" } ?? "") + account + (copy > 1 ? " (key \(copy))" : "") }
}

extension KeyIdentity {
    var text: String {
        let name = serial.map { "\(model), serial \($0)" } ?? model
        return isVirtual ? name + " (virtual)" : name
    }
}

extension JSONWriter {
    fileprivate func members(_ roster: RosterEntry) {
        key("account")
        value(roster.account)
        key("issuer")
        value(roster.issuer)
        key("copy")
        value(roster.copy)
        key("owner")
        value(roster.owner)
        key("email")
        value(roster.email)
        key("department")
        value(roster.department)
    }

    /// All of them are null where no key has the entry, or failed at it.
    fileprivate func members(_ attempt: Attempt?) {
        key("device")
        if let attempt {
            object {
                key("family")
                value(attempt.key.family)
                key("model")
                value(attempt.key.model)
                key("serial")
                value(attempt.key.serial)
                key("firmware")
                value(attempt.key.firmware)
                key("virtual")
                value(attempt.key.isVirtual)
            }
        } else {
            null()
        }
        key("slot")
        if let slot = attempt?.slot { value(slot) } else { null() }
        key("credential")
        if let terms = attempt?.terms { value(terms) } else { null() }
        key("verified")
        value(attempt?.verification?.rawValue)
    }
}
