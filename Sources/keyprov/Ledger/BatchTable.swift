import ByteBuffers
import KeyProvision

/// How far each batch is, as people and programs read it.
enum BatchTable {
    static func text(_ batches: [(batch: Batch, counts: EntryCounts)]) -> String {
        let heading = ["batch", "entries"] + EntryState.allCases.map(\.rawValue)
        var columns = Columns(count: heading.count)
        return columns.text(
            [heading]
                + batches.map { batch, counts in
                    [batch.name, String(counts.total)]
                        + EntryState.allCases.map { String(counts.byState[$0] ?? 0) }
                })
    }

    /// A line for each.
    static func json(_ batches: [(batch: Batch, counts: EntryCounts)]) -> WipedBuffer {
        let json = JSONWriter()
        for (batch, counts) in batches {
            json.object {
                json.key("kind")
                json.value("batch")
                json.key("batch")
                json.value(batch.name)
                json.key("entries")
                json.value(counts.total)
                json.key("open")
                json.value(counts.open)
                json.key("in_work")
                json.value(counts.inWork)
                json.key("done")
                json.value(counts.done)
                json.key("states")
                json.object {
                    for (key, state) in Self.keys {
                        json.key(key)
                        json.value(counts.byState[state] ?? 0)
                    }
                }
            }
            json.endLine()
        }
        return json.buffer
    }

    private static let keys: [(StaticString, EntryState)] = [
        ("planned", .planned), ("reserved", .reserved), ("writing", .writing), ("verified", .verified),
        ("exported", .exported), ("forgotten", .forgotten), ("failed", .failed),
    ]
}
