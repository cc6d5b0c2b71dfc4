import ByteBuffers
import KeyProvision
import SecretFormats

/// Events as people and programs read them.
enum EventTable {
    static let heading = ["event", "hash", "time", "kind", "batch", "account", "details"]

    private static let nothing = "-"
    /// Hexadecimal digits that tell a hash from others at a glance.
    private static let shownDigits = 12

    static func row(_ event: LedgerEvent, _ names: EventNames) throws -> [String] {
        let details = EventDetail.values(in: event.detail).map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        return [
            String(event.number), String(HashText.text(event.hash).prefix(shownDigits)), UTC.text(event.unixTime),
            event.kind.rawValue, names.batch(event.batch) ?? nothing,
            try event.entry.map(names.entry) ?? nothing, details,
        ]
    }

    /// A line for each.
    static func json(_ events: [LedgerEvent], _ names: EventNames) throws -> WipedBuffer {
        let json = JSONWriter()
        for event in events {
            let entry = try event.entry.map(names.entry)
            json.object {
                json.key("event")
                json.value(event.number)
                json.key("hash")
                json.value(HashText.text(event.hash))
                json.key("time")
                json.value(event.unixTime)
                json.key("kind")
                json.value(event.kind.rawValue)
                json.key("run")
                if let run = event.run { json.value(run) } else { json.null() }
                json.key("batch")
                json.value(names.batch(event.batch))
                json.key("entry")
                if let entry = event.entry { json.value(entry) } else { json.null() }
                json.key("account")
                json.value(entry)
                json.key("details")
                json.array {
                    for (name, value) in EventDetail.values(in: event.detail) {
                        json.object {
                            json.key("name")
                            json.value(name)
                            json.key("value")
                            json.value(value)
                        }
                    }
                }
            }
            json.endLine()
        }
        return json.buffer
    }
}

/// A hash as people write it down.
enum HashText {
    /// Hexadecimal digits in small letters.
    static func text(_ hash: [UInt8]) -> String {
        let text = WipedBuffer(capacity: hash.count * 2)
        WipedBuffer(hash).withBytes { Hex.encode($0, into: text) }
        return text.withBytes { String(decoding: $0) }
    }
}

/// What the entries and batches of events are called. Events of an entry stand close together, and so do entries, so a
/// part of the ledger is remembered at a time.
final class EventNames {
    private let ledger: OpenLedger
    private let batches: [Int64: String]
    private var entries: [Int64: String] = [:]

    private static let neighbors = 200
    private static let capacity = 50_000

    init(_ ledger: OpenLedger, batches: [Batch]) {
        self.ledger = ledger
        self.batches = Dictionary(batches.map { ($0.id, $0.name) }) { first, _ in first }
    }

    func batch(_ id: Int64?) -> String? { id.flatMap { batches[$0] } }

    /// The account of an entry.
    func entry(_ id: Int64) throws -> String {
        // A ledger begins with 1; what another program wrote may have no number before it.
        guard id > 0 else { return "" }
        if let known = entries[id] { return known }
        if entries.count > Self.capacity { entries = [:] }
        let found = try ledger.run { ledger throws(LedgerError) in
            try ledger.entries(EntryQuery(), after: id - 1, limit: Self.neighbors)
        }
        for entry in found { entries[entry.id] = entry.roster.name }
        // Not there only where somebody took it out of the ledger by force.
        let name = entries[id] ?? ""
        entries[id] = name
        return name
    }
}
