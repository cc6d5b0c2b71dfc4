public import SecretFormats

/// One job: a credential for one owner onto one device, and how far it came.
public struct Enrollment {
    public let credential: Credential
    public let options: WriteOptions
    /// Whether a credential of the same name may be overwritten.
    public let replaces: Bool
    public private(set) var progress = Progress.planned

    public enum Progress: Hashable, Sendable {
        /// Nothing of the credential was sent.
        case planned
        /// It was on its way.
        case writing
        /// The device said that it took it.
        case written
        case verified
    }

    public init(_ credential: Credential, options: WriteOptions = WriteOptions(), replaces: Bool = false) {
        self.credential = credential
        self.options = options
        self.replaces = replaces
    }

    /// Checks, writes and proves.
    ///
    /// What can be refused is refused before the credential is sent: a missing feature before any transfer, a name in
    /// use and a full device after listing.
    ///
    /// - Parameter observe: hears each step before it is taken.
    public mutating func run(
        on session: any ProvisioningSession, observe: (EnrollmentStep) -> Void = { _ in }
    ) throws(DeviceError) -> Verification {
        try check(on: session, observe: observe)
        return try write(on: session, observe: observe)
    }

    /// Writes and proves, after `check`.
    public mutating func write(
        on session: any ProvisioningSession, observe: (EnrollmentStep) -> Void = { _ in }
    ) throws(DeviceError) -> Verification {
        var reached = progress
        defer { progress = reached }
        let verification = try session.write(credential, options) { step in
            reached.note(step)
            observe(step)
        }
        reached = .verified
        return verification
    }

    /// Refuses what can be refused before the credential is sent. Writes nothing.
    public func check(
        on session: any ProvisioningSession, observe: (EnrollmentStep) -> Void = { _ in }
    ) throws(DeviceError) {
        try session.check(credential, options)
        guard !session.isLocked else { throw .accessCodeRequired }
        observe(.checkingNames)
        let stored = try session.neighbors(of: credential, options)
        let terms = CredentialTerms(credential)
        let inUse = stored.first { session.wouldOverwrite($0, with: terms, options) }
        let isInUse = inUse != nil
        guard replaces || !isInUse else { throw .alreadyExists }
        // Whoever overwrites the account of a server does not think of a computer that no longer starts.
        guard inUse?.kind != .reverseHOTP else { throw .notSupported(.otherDirection) }
        if let capacity = session.capacity, !isInUse, stored.count >= capacity { throw .full(capacity: capacity) }
    }

    /// Whether the device may hold the credential although the job ended with `error`. Only one that said
    /// clearly why it takes none holds nothing new.
    public func mayHaveWritten(despite error: DeviceError) -> Bool { progress.mayHaveWritten(despite: error) }
}

extension Enrollment.Progress {
    /// What a write is about to do says how far it came.
    mutating func note(_ step: EnrollmentStep) {
        switch (self, step) {
        case (.planned, .writing): self = .writing
        case (_, .proving), (_, .touch): self = .written
        default: break
        }
    }

    /// See `Enrollment.mayHaveWritten`.
    public func mayHaveWritten(despite error: DeviceError) -> Bool {
        switch (self, error) {
        case (.planned, _): false
        case (.writing, .full), (.writing, .alreadyExists), (.writing, .nameHidden), (.writing, .notSupported),
            (.writing, .accessCodeRequired), (.writing, .rejected), (.writing, .notApproved), (.writing, .pinRequired),
            (.writing, .wrongPIN), (.writing, .pinBlocked):
            false
        case (.writing, _), (.written, _), (.verified, _): true
        }
    }
}

/// What is about to happen, for people who wait.
public enum EnrollmentStep: Hashable, Sendable {
    case checkingNames
    case writing
    /// The device waits for a touch before it writes.
    case confirming
    case proving
    /// The device waits for a touch.
    case touch
    /// The device waits for a person to approve on its display what comes next.
    case approving
    /// The device computes another code after its time step.
    case awaitingNextCode
}
