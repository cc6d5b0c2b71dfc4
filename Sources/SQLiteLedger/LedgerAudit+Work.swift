internal import GRDB
internal import KeyProvision

/// Who has an entry in hand, which key it is on and which attempt is its own, beside the events of the entry.
extension LedgerAudit {
    func work() throws {
        var story: WorkStory?
        try db.each(
            """
            SELECT e.id, v.kind, v.run, v.detail, e.before, e.run, e.work_model, e.work_serial, e.key_model, e.key_serial,
            CASE WHEN e.attempt IS NOT NULL THEN ifnull(a.id, x'') END
            FROM entries e LEFT JOIN attempts a ON a.number = e.attempt
            LEFT JOIN events v ON v.entry = e.id AND v.kind <> 'planned'
            ORDER BY e.id, v.number
            """
        ) { row in
            let id = try row.integer()
            let (kind, run) = (try row.optionalText().map(LedgerEvent.Kind.init), try row.optionalInteger())
            let detail = try row.optionalText() ?? ""
            if story?.id != id {
                story.map(compare)
                story = WorkStory(id: id, stored: try Work(&row))
            }
            if let kind { story?.note(kind, run: run, detail) }
        }
        story.map(compare)
    }

    private func compare(_ story: WorkStory) {
        if story.stored != story.told { report(.stateDiffers(entry: story.id)) }
    }
}

/// What stands of an entry beside its state.
private struct Work: Equatable {
    struct Key: Equatable { let model: String?, serial: String? }

    var before: EntryState?
    var run: Int64?
    var inHand: Key?
    var key: Key?
    /// As events name it.
    var attempt: String?

    init() {}

    init(_ row: inout StoredRow) throws(LedgerError) {
        before = try row.optionalWord()
        run = try row.optionalInteger()
        inHand = try Self.key(&row)
        key = try Self.key(&row)
        // A row that is not there has a name that no event has.
        attempt = try row.optionalBytes().map { Attempt.ID($0).map(EventDetail.name) ?? "" }
    }

    private static func key(_ row: inout StoredRow) throws(LedgerError) -> Key? {
        let key = Key(model: try row.optionalText(), serial: try row.optionalText())
        return key.model == nil && key.serial == nil ? nil : key
    }
}

/// An entry, and what its events say of it.
private struct WorkStory {
    let id: Int64
    let stored: Work
    private(set) var told = Work()
    private var state = EntryState.planned

    init(id: Int64, stored: Work) { (self.id, self.stored) = (id, stored) }

    /// The next event of the entry.
    mutating func note(_ kind: LedgerEvent.Kind, run: Int64?, _ detail: String) {
        guard let next = LedgerAudit.state(after: kind, detail) else { return }
        switch next {
        case _ where kind == .released: (told.inHand, told.before) = (nil, nil)
        case .reserved: (told.inHand, told.before, told.run) = (Self.key(in: detail), state, run)
        case .writing:
            told.key = told.inHand
            told.attempt = EventDetail.value(of: EventDetail.Name.attempt, in: detail)
        case .verified: (told.inHand, told.before) = (nil, nil)
        case .failed: (told.key, told.inHand, told.before) = (told.inHand, nil, nil)
        case .planned: told.key = nil
        case .exported, .forgotten: break
        }
        state = next
    }

    private static func key(in detail: String) -> Work.Key {
        Work.Key(
            model: EventDetail.plainValue(of: EventDetail.Name.model, in: detail),
            serial: EventDetail.plainValue(of: EventDetail.Name.serial, in: detail))
    }
}
