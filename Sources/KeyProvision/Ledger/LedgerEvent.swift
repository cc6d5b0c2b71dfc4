/// A change, as it is kept for ever: who, when, which entry, what. No secret is in one.
public struct LedgerEvent: Hashable, Sendable {
    /// What changed. A newer program may write words that this one does not know.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let began = Self(rawValue: "began")
        public static let restated = Self(rawValue: "restated")
        public static let planned = Self(rawValue: "planned")
        /// The roster says something else of an open entry.
        public static let corrected = Self(rawValue: "corrected")
        public static let reserved = Self(rawValue: "reserved")
        public static let released = Self(rawValue: "released")
        public static let writing = Self(rawValue: "writing")
        public static let verified = Self(rawValue: "verified")
        public static let failed = Self(rawValue: "failed")
        public static let exported = Self(rawValue: "exported")
        public static let forgotten = Self(rawValue: "forgotten")
        /// The secret of one attempt, which nobody used; the entry stays what it is.
        public static let erased = Self(rawValue: "erased")
        /// What an attempt of the entry had left on a key was deleted from it; the entry stays what it is.
        public static let cleared = Self(rawValue: "cleared")
        public static let undone = Self(rawValue: "undone")
        /// The credential was written over by that of another entry.
        public static let superseded = Self(rawValue: "superseded")
        public static let entered = Self(rawValue: "entered")
        /// The data key of the run was sealed to others.
        public static let resealed = Self(rawValue: "resealed")
        /// The recipients were set, after all data keys were sealed to them.
        public static let rekeyed = Self(rawValue: "rekeyed")
    }

    /// From 1, without gaps.
    public let number: Int64
    /// In seconds since 1970, by the clock of the station: it may step back.
    public let unixTime: UInt64
    public let kind: Kind
    public let run: Int64?
    public let batch: Int64?
    public let entry: Int64?
    /// What else is to be known of it, as `name=value` lines in the order of their names.
    public let detail: String
    /// SHA-256 over the hash of the event before and all fields of this one, see `EventChain`.
    public let hash: [UInt8]

    public init(
        number: Int64, unixTime: UInt64, kind: Kind, run: Int64?, batch: Int64?, entry: Int64?, detail: String,
        hash: [UInt8]
    ) {
        self.number = number
        self.unixTime = unixTime
        self.kind = kind
        self.run = run
        self.batch = batch
        self.entry = entry
        self.detail = detail
        self.hash = hash
    }
}

/// Which events are asked for.
public struct EventQuery: Hashable, Sendable {
    public var batch: Int64?
    public var entry: Int64?
    /// In seconds since 1970; those at this time and later.
    public var since: UInt64?

    public init(batch: Int64? = nil, entry: Int64? = nil, since: UInt64? = nil) {
        self.batch = batch
        self.entry = entry
        self.since = since
    }
}
