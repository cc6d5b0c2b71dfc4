/// What came of a roster that was planned.
public struct PlanOutcome: Hashable, Sendable {
    /// Entries that are new.
    public var added = 0
    /// Open entries that the roster says something else of by now, and that say the same since.
    public var corrected = 0
    /// Entries that are done or in work, and of which the roster says something else: they were left as they are.
    public var differing = 0
    /// The first of those, as the ledger has them.
    public var firstDiffering: [RosterEntry] = []

    /// As many as a person is told.
    public static let mostNamed = 5

    public init() {}
}
