internal import GRDB
internal import KeyProvision

/// Runs, their data keys and the recipients, beside the events that say what they are.
extension LedgerAudit {
    func runs() throws {
        var story: RunStory?
        // What is told of runs is put in order once: there is no index that would find it for each of them.
        try db.each(
            """
            WITH told AS MATERIALIZED (
                SELECT run, number, kind, detail FROM events WHERE kind IN ('entered', 'resealed'))
            SELECT r.id, told.kind, told.detail, r.station, r.secrets, r.ended, r.data_key
            FROM runs r LEFT JOIN told ON told.run = r.id ORDER BY r.id, told.number
            """
        ) { row in
            let id = try row.integer()
            let (kind, detail) = (try row.optionalText().map(LedgerEvent.Kind.init), try row.optionalText() ?? "")
            if story?.id != id {
                try story.map(compare)
                story = try RunStory(id, &row)
            }
            if let kind { story?.note(kind, detail) }
        }
        try story.map(compare)
    }

    private func compare(_ story: RunStory) throws {
        guard let entered = story.entered,
            EventDetail.entered(
                station: story.station, dataKeyDigest: EventDetail.value(of: EventDetail.Name.dataKey, in: entered)
            ).text == entered
        else { return report(.runDiffers(run: story.id)) }
        // A program that recorded no digest is told from somebody who took it away by the chain.
        let isRight = try story.dataKey.map {
            try story.digest == nil || story.digest == EventDetail.digest(ofSealed: $0)
        }
        if (story.dataKey != nil) != story.needsDataKey || isRight == false { report(.dataKeyDiffers(run: story.id)) }
    }

    func recipients() throws {
        let recipients = try db.recipients()
        let runs = recipientsSet.flatMap { EventDetail.value(of: EventDetail.Name.runs, in: $0) }.flatMap { Int($0) }
        let expected = runs.map { EventDetail.rekeyed(to: recipients, runs: $0).text }
        if recipientsSet == nil ? !recipients.isEmpty : recipientsSet != expected { report(.recipientsDiffer) }
    }

    /// How many sealed secrets each run has, which says when its data key may go.
    func secretCounts() throws {
        let differing = try db.all(
            """
            SELECT run FROM (SELECT id AS run, secrets FROM runs WHERE secrets <> 0
            UNION ALL SELECT run, -count(*) FROM attempts WHERE sealed IS NOT NULL GROUP BY run)
            GROUP BY run HAVING sum(secrets) <> 0
            """
        ) { try $0.integer() }
        for run in differing { report(.damage("the count of secrets of run \(run) is not that of its attempts")) }
    }
}

/// A run, and what the events say of it.
private struct RunStory {
    let id: Int64
    let station: String
    let dataKey: [UInt8]?
    /// While it seals, and while one of its secrets is there. Afterwards the key has to be gone.
    let needsDataKey: Bool
    private(set) var entered: String?
    /// Of the data key as it was sealed last.
    private(set) var digest: String?

    /// - Parameter row: at the columns `station`, `secrets`, `ended` and `data_key`.
    init(_ id: Int64, _ row: inout StoredRow) throws(LedgerError) {
        self.id = id
        station = try row.text()
        let (secrets, ended) = (try row.integer(), try row.optionalInteger())
        needsDataKey = secrets > 0 || ended == nil
        dataKey = try row.optionalBytes()
    }

    /// The next event of the run.
    mutating func note(_ kind: LedgerEvent.Kind, _ detail: String) {
        if kind == .entered { entered = detail }
        digest = EventDetail.value(of: EventDetail.Name.dataKey, in: detail)
    }
}
