import ByteBuffers
import KeyProvision

/// How far a batch is.
struct BatchStanding {
    let batch: Batch
    let counts: EntryCounts
    let unusedSecrets: Int
}

/// How far each batch is, as people and programs read it.
enum BatchTable {
    static func text(_ batches: [BatchStanding]) -> String {
        let heading = ["batch", "entries"] + EntryState.allCases.map(\.rawValue) + ["unused"]
        var columns = Columns(count: heading.count)
        return columns.text(
            [heading]
                + batches.map { standing in
                    [standing.batch.name, String(standing.counts.total)]
                        + EntryState.allCases.map { String(standing.counts.byState[$0] ?? 0) }
                        + [String(standing.unusedSecrets)]
                })
    }

    /// A line for each.
    static func json(_ batches: [BatchStanding]) -> WipedBuffer {
        let json = JSONWriter()
        for standing in batches {
            let counts = standing.counts
            json.object {
                json.key("kind")
                json.value("batch")
                json.key("batch")
                json.value(standing.batch.name)
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
                json.key("unused_secrets")
                json.value(standing.unusedSecrets)
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
