internal import ByteBuffers
public import SecretFormats

/// One roster being worked through.
public struct Batch: Hashable, Sendable {
    public let id: Int64
    public let name: String
    /// How its credentials are made, in words of the program: what a later run must not change.
    public let terms: String

    public init(id: Int64, name: String, terms: String) {
        self.id = id
        self.name = name
        self.terms = terms
    }
}

/// One process at work on a ledger. It is over when the process is, however it ends.
public protocol LedgerRun: AnyObject, Sendable {
    var id: Int64 { get }
}

/// What is kept of a run to open its secrets: the data key, sealed.
public struct SealedRun: Hashable, Sendable {
    public let id: Int64
    /// An age file. Nil once all secrets of the run are forgotten.
    public let dataKey: [UInt8]?

    public init(id: Int64, dataKey: [UInt8]?) {
        self.id = id
        self.dataKey = dataKey
    }
}

/// A key as far as it can be told from others: by its model and serial number. The family and the firmware only go on
/// record.
public struct KeyIdentity: Hashable, Sendable {
    /// Of the family that drove it.
    public let family: String
    public let model: String
    /// Nil for keys that have none: those can stand in for each other.
    public let serial: String?
    public let firmware: String?
    public let isVirtual: Bool

    public init(family: String, model: String, serial: String?, firmware: String?, isVirtual: Bool) {
        self.family = family
        self.model = model
        self.serial = serial
        self.firmware = firmware
        self.isVirtual = isVirtual
    }
}

/// A credential but for its secret.
public struct CredentialTerms: Hashable, Sendable {
    public let label: Label
    public let kind: Credential.Kind
    public let algorithm: HashAlgorithm
    public let digits: Int

    public init(label: Label, kind: Credential.Kind, algorithm: HashAlgorithm, digits: Int) {
        self.label = label
        self.kind = kind
        self.algorithm = algorithm
        self.digits = digits
    }

    public init(_ credential: Credential) {
        self.init(
            label: credential.label, kind: credential.kind, algorithm: credential.algorithm, digits: credential.digits)
    }

    public func credential(with secret: Secret) throws(FormatError) -> Credential {
        try Credential(label: label, kind: kind, algorithm: algorithm, digits: digits, secret: secret)
    }
}

/// One secret on its way onto one key. An entry has several where some did not come to their end.
public struct Attempt: Hashable, Sendable {
    /// Drawn for each attempt; the sealed secret is bound to it.
    public struct ID: Hashable, Sendable {
        public static let length = 16
        public let bytes: [UInt8]

        /// - Returns: nil where the bytes are not 16.
        public init?(_ bytes: [UInt8]) {
            guard bytes.count == Self.length else { return nil }
            self.bytes = bytes
        }

        public init(from random: any RandomSource) throws(CryptoError) {
            bytes = try Secret.random(count: Self.length, from: random).withBytes { [UInt8](copying: $0) }
        }
    }

    public let id: ID
    /// Whose data key seals the secret.
    public let run: Int64
    public let key: KeyIdentity
    public let slot: Int?
    public let terms: CredentialTerms
    /// What was proven; nil where nothing was.
    public let verification: Verification?
    /// As `RecordSealer` made it. Nil where it was forgotten, and where it was not asked for.
    public let sealedSecret: [UInt8]?

    public init(
        id: ID, run: Int64, key: KeyIdentity, slot: Int?, terms: CredentialTerms, verification: Verification? = nil,
        sealedSecret: [UInt8]?
    ) {
        self.id = id
        self.run = run
        self.key = key
        self.slot = slot
        self.terms = terms
        self.verification = verification
        self.sealedSecret = sealedSecret
    }
}

/// An entry as it stands.
public struct LedgerEntry: Hashable, Sendable {
    public let id: Int64
    public let batch: Int64
    public let roster: RosterEntry
    public let state: EntryState
    /// The latest one.
    public let attempt: Attempt?
    /// When it came to its state, in seconds since 1970.
    public let changed: UInt64
    /// Who works on it, or did last.
    public let station: String?
    /// Why it failed, in a word for scripts; nil in other states.
    public let failure: String?

    public init(
        id: Int64, batch: Int64, roster: RosterEntry, state: EntryState, attempt: Attempt?, changed: UInt64,
        station: String?, failure: String?
    ) {
        self.id = id
        self.batch = batch
        self.roster = roster
        self.state = state
        self.attempt = attempt
        self.changed = changed
        self.station = station
        self.failure = failure
    }
}

/// An entry as it stood when it was read, for what is done with it later: by then it may have another secret.
public struct SeenEntry: Hashable, Sendable {
    public let id: LedgerEntry.ID
    public let state: EntryState
    /// The latest one.
    public let attempt: Attempt.ID?

    public init(id: LedgerEntry.ID, state: EntryState, attempt: Attempt.ID?) {
        self.id = id
        self.state = state
        self.attempt = attempt
    }

    public init(_ entry: LedgerEntry) { self.init(id: entry.id, state: entry.state, attempt: entry.attempt?.id) }
}

/// Which entries are asked for.
public struct EntryQuery: Hashable, Sendable {
    /// Nil for all batches.
    public var batch: Int64?
    /// Nil for all states.
    public var states: Set<EntryState>?
    /// Accounts, exactly as they are written; nil for all.
    public var accounts: [String]?
    /// Of the key that has the entry, or that it failed at; nil for all.
    public var serial: String?
    /// Whether the sealed secrets come with them.
    public var withSecrets = false

    public init(
        batch: Int64? = nil, states: Set<EntryState>? = nil, accounts: [String]? = nil, serial: String? = nil,
        withSecrets: Bool = false
    ) {
        self.batch = batch
        self.states = states
        self.accounts = accounts
        self.serial = serial
        self.withSecrets = withSecrets
    }
}
