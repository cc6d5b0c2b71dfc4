public import SecretFormats
internal import USBTransport

/// One key on the assembly line: finds its entry, records the sealed secret, writes it, has the key prove it, and records that.
///
/// What stands in the ledger at any moment is enough to go on after the process was killed there: before the first
/// transfer that carries a secret the ledger has it, and nobody is told of a secret that was not proven.
public struct LineJob {
    public let ledger: any Ledger
    public let batch: Batch
    public let run: any LedgerRun
    /// Overwrites credentials that are not of this batch, too.
    public let replaces: Bool
    private let random: any RandomSource
    private let seal: (Secret, Attempt.ID) throws -> [UInt8]

    /// - Parameter seal: seals a secret for the attempt with this number, to the run's recipients.
    public init(
        ledger: any Ledger, batch: Batch, run: any LedgerRun, replaces: Bool, random: any RandomSource,
        seal: @escaping (Secret, Attempt.ID) throws -> [UInt8]
    ) {
        self.ledger = ledger
        self.batch = batch
        self.run = run
        self.replaces = replaces
        self.random = random
        self.seal = seal
    }

    public enum Outcome {
        case made(LedgerEntry, Credential, Verification)
        /// Nothing was written, and why.
        case refused(ReservationOutcome)
    }

    /// What is done for an entry around the write.
    public struct Work {
        /// Makes the credential of an entry.
        let prepare: (LedgerEntry) throws -> (Credential, WriteOptions)
        let observe: (LedgerEntry, EnrollmentStep) -> Void
        /// Hears of each credential that was deleted because its entry went on without it.
        let cleared: (StoredCredential) -> Void
        /// Hands the proven credential out, before the entry counts as done: what ends here is made again.
        let handOut: (LedgerEntry, Credential, Verification) throws -> Void

        public init(
            prepare: @escaping (LedgerEntry) throws -> (Credential, WriteOptions),
            observe: @escaping (LedgerEntry, EnrollmentStep) -> Void,
            cleared: @escaping (StoredCredential) -> Void,
            handOut: @escaping (LedgerEntry, Credential, Verification) throws -> Void
        ) {
            self.prepare = prepare
            self.observe = observe
            self.cleared = cleared
            self.handOut = handOut
        }
    }

    public func run(
        _ session: any ProvisioningSession, isVirtual: Bool, _ work: Work
    ) throws(LineError) -> Outcome {
        let key = KeyIdentity(session.device, isVirtual: isVirtual)
        let found = try NamesOnKey(key, session)
        if let refusal = try found.refusal(in: batch, of: ledger) { return .refused(refusal) }
        let outcome = try LineError.ledger(nil) { () throws(LedgerError) in
            try ledger.reserve(for: key, holding: found.labels, in: batch, run: run)
        }
        guard case .reserved(let entry) = outcome else { return .refused(outcome) }
        let prepared: (credential: Credential, options: WriteOptions)
        do { prepared = try work.prepare(entry) } catch { throw try give(entry, back: .preparing(error, entry)) }
        // What this key holds of an attempt that did not come to its end is ours, and in no server.
        let isOurs = try found.isOfAttempt(
            at: entry, of: ledger, inTheWay(of: prepared.credential, prepared.options, for: entry, on: session),
            touch: prepared.options.touch)
        var enrollment = Enrollment(prepared.credential, options: prepared.options, replaces: replaces || isOurs)
        let leftovers = try leftovers(on: key, entry)
        try fitting(entry) { () throws(DeviceError) in try enrollment.check(on: session) { work.observe(entry, $0) } }
        try clear(leftovers, beside: prepared, from: key, session, for: entry, work)
        let attempt = try record(prepared.credential, prepared.options, key, for: entry)
        let verification: Verification
        do throws(DeviceError) {
            verification = try enrollment.write(on: session) { work.observe(entry, $0) }
        } catch {
            try note(entry, reason: error.failureWord)
            throw .device(error, entry, mayHoldSecret: enrollment.mayHaveWritten(despite: error))
        }
        do { try work.handOut(entry, prepared.credential, verification) } catch {
            try note(entry, reason: "not handed out")
            throw .handingOut(error, entry)
        }
        _ = try LineError.ledger(entry) { () throws(LedgerError) in try ledger.finish(entry.id, attempt, verification) }
        return .made(entry, prepared.credential, verification)
    }

    /// What a credential would be written over, at an entry that was written before; others have nothing of their own.
    private func inTheWay(
        of credential: Credential, _ options: WriteOptions, for entry: LedgerEntry, on session: any ProvisioningSession
    ) throws(LineError) -> [StoredCredential] {
        guard entry.attempt != nil, !session.isLocked else { return [] }
        return try fitting(entry) { () throws(DeviceError) in
            try session.check(credential, options)
            let terms = CredentialTerms(credential)
            return try session.neighbors(of: credential, options).filter {
                session.wouldOverwrite($0, with: terms, options)
            }
        }
    }

    private func leftovers(on key: KeyIdentity, _ entry: LedgerEntry) throws(LineError) -> [Attempt] {
        try LineError.ledger(entry) { () throws(LedgerError) in try ledger.leftovers(on: key, in: batch) }
    }

    /// Deletes what nobody gets, but for what is about to be overwritten. It stands in the history, and is told, since the key
    /// may have got a credential of that name past the ledger.
    private func clear(
        _ leftovers: [Attempt], beside prepared: (credential: Credential, options: WriteOptions), from key: KeyIdentity,
        _ session: any ProvisioningSession, for entry: LedgerEntry, _ work: Work
    ) throws(LineError) {
        guard !leftovers.isEmpty else { return }
        let terms = CredentialTerms(prepared.credential)
        for stored in try fitting(entry, { () throws(DeviceError) in try session.list() })
        where !session.wouldOverwrite(stored, with: terms, prepared.options) {
            guard let attempt = leftovers.first(where: { session.holds(stored, of: $0) }) else { continue }
            try fitting(entry) { () throws(DeviceError) in try session.delete(stored) }
            work.cleared(stored)
            try LineError.ledger(entry) { () throws(LedgerError) in
                try ledger.markCleared(attempt, from: key, by: run)
            }
        }
    }

    /// What the key has to let pass before anything is written; otherwise the entry is free for another one.
    private func fitting<Result>(
        _ entry: LedgerEntry, _ body: () throws(DeviceError) -> Result
    ) throws(LineError) -> Result {
        do throws(DeviceError) { return try body() } catch { throw try give(entry, back: .unfit(error, entry)) }
    }

    private func record(
        _ credential: Credential, _ options: WriteOptions, _ key: KeyIdentity, for entry: LedgerEntry
    ) throws(LineError) -> Attempt.ID {
        let attempt: Attempt
        do {
            let id = try Attempt.ID(from: random)
            attempt = Attempt(
                id: id, run: run.id, key: key, slot: options.slot, terms: CredentialTerms(credential),
                sealedSecret: try seal(credential.secret, id))
        } catch {
            throw try give(entry, back: .preparing(error, entry))
        }
        try LineError.ledger(entry) { () throws(LedgerError) in try ledger.startWriting(entry.id, attempt) }
        return attempt.id
    }

    private func note(_ entry: LedgerEntry, reason: String) throws(LineError) {
        try LineError.ledger(entry) { () throws(LedgerError) in try ledger.fail(entry.id, of: run.id, reason: reason) }
    }

    /// - Returns: `error`, once the entry is free for another key.
    private func give(_ entry: LedgerEntry, back error: LineError) throws(LineError) -> LineError {
        try LineError.ledger(entry) { () throws(LedgerError) in try ledger.release(entry.id, of: run.id) }
        return error
    }
}

/// Why a key did not get its entry done.
public enum LineError: Error {
    /// The key could not be looked at; no entry was taken for it.
    case unread(DeviceError)
    /// The key, or the credential for it, does not fit; the entry is free for another key.
    case unfit(DeviceError, LedgerEntry)
    /// The key failed while it was written to or proved.
    case device(DeviceError, LedgerEntry, mayHoldSecret: Bool)
    /// The credential could not be made or sealed. No key can help.
    case preparing(any Error, LedgerEntry)
    /// The key holds a proven secret that could not be handed out.
    case handingOut(any Error, LedgerEntry)
    /// No key can help.
    case ledger(LedgerError, LedgerEntry?)

    static func ledger<Result>(
        _ entry: LedgerEntry?, _ body: () throws(LedgerError) -> Result
    ) throws(LineError) -> Result {
        do throws(LedgerError) { return try body() } catch { throw .ledger(error, entry) }
    }
}

extension KeyIdentity {
    public init(_ device: DeviceInfo, isVirtual: Bool) {
        self.init(
            family: device.family, model: device.model, serial: device.serial, firmware: device.firmware?.description,
            isVirtual: isVirtual)
    }

    /// Whether both are one key, as far as keys tell. Two without a serial number stand in for each other.
    public func isSame(as other: KeyIdentity) -> Bool { model == other.model && serial == other.serial }
}

extension DeviceError {
    /// For scripts and for the history of an entry.
    public var failureWord: String {
        switch self {
        case .opening, .connection:
            switch usbError?.code {
            case .noDevice?, .notFound?: "removed"
            case .interrupted?: LedgerFailure.interrupted
            default: "usb"
            }
        case .verificationFailed: "not proven"
        case .touchTimedOut: "not touched"
        case .full: "full"
        default: "refused"
        }
    }
}
