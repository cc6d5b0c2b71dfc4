/// What a ledger says to a key that was plugged in.
public enum ReservationOutcome: Hashable, Sendable {
    /// The entry is the run's until it is verified, failed or released.
    case reserved(LedgerEntry)
    /// The key holds a verified secret of this batch already, and no open entry wants just it.
    case keyUsed(by: LedgerEntry)
    /// Another run is at work on this key, or another job of this one.
    case keyInWork(station: String?)
    /// Every open entry wants another key; the serial numbers of some.
    case keyNotWanted(wanted: [String])
    /// Nothing is open; how many entries are in the work of others.
    case nothingOpen(inWork: Int)
}

/// How many entries stand in each state.
public struct EntryCounts: Hashable, Sendable {
    public var byState: [EntryState: Int]

    public init(byState: [EntryState: Int] = [:]) { self.byState = byState }

    public var total: Int { byState.values.reduce(0, +) }
    public var done: Int { count { $0.isDone } }
    public var open: Int { count { $0.isOpen } }
    /// In the hands of a run.
    public var inWork: Int { count { $0 == .reserved || $0 == .writing } }

    private func count(_ isMeant: (EntryState) -> Bool) -> Int {
        byState.reduce(0) { $0 + (isMeant($1.key) ? $1.value : 0) }
    }
}

/// Entries whose secrets one data key opens.
public struct SecretCount: Hashable, Sendable {
    public let run: Int64
    /// Whether they are on virtual keys.
    public let isVirtual: Bool
    /// At least 1.
    public let entries: Int

    public init(run: Int64, isVirtual: Bool, entries: Int) {
        self.run = run
        self.isVirtual = isVirtual
        self.entries = entries
    }
}
