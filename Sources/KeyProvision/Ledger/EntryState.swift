/// How far an entry came.
///
/// ```
/// planned ─► reserved ─► writing ─► verified ─► exported ─► forgotten
///    ▲          │           │          │           │            │
///    ├──────────┘           ▼          │           │            │
///    ├─────────────────── failed       │           │            │
///    └─────────────────────────────────┴───────────┴────────────┘  undone, superseded
/// ```
///
/// A failed entry is open like a planned one. One that was undone is planned again, and so is one whose credential was written over
/// by that of another entry; its old secret stays in the ledger until it is forgotten as one that nobody uses.
public enum EntryState: String, Hashable, Sendable, CaseIterable {
    case planned
    /// A run works on it; nothing of a secret was sent.
    case reserved
    /// The secret is in the ledger and on its way.
    case writing
    /// The key proved that it has it.
    case verified
    /// Written into a file for a server.
    case exported
    /// The secret was erased here, as a server has it.
    case forgotten
    /// The key may hold a secret that it did not prove.
    case failed

    /// Whether a key is still to be made.
    public var isOpen: Bool { self == .planned || self == .failed }

    /// Whether there is a key that proved its secret.
    public var isDone: Bool { self == .verified || self == .exported || self == .forgotten }

    /// The states that may follow.
    public var successors: Set<EntryState> {
        switch self {
        case .planned: [.reserved]
        case .reserved: [.planned, .writing, .failed]
        case .writing: [.verified, .failed]
        case .verified: [.exported, .forgotten, .planned]
        case .exported: [.exported, .forgotten, .planned]
        case .forgotten: [.planned]
        case .failed: [.reserved]
        }
    }
}
