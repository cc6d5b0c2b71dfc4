import KeyProvision
import SecretFormats
import USBTransport

/// Does one key of the line, on a thread of its own.
struct LineJobRun: Sendable {
    let writer: LedgerWriter
    let batch: Batch
    let work: LineWork
    let replaces: Bool
    let global: GlobalOptions
    /// Their slot is any where the roster has them: it says which interface of a key is meant, and the entry says where.
    let device: DeviceOptions
    /// Name of the only family whose keys are taken; nil for all.
    let family: String?
    /// Whether all keys are, see `VirtualBox`.
    let isVirtual: Bool
    let audience: any LineAudience

    func run(_ attached: AttachedDevice, on host: any USBHost) -> LinePort.Ending {
        var options = device
        (options.device, options.virtual) = (.location(attached.location), nil)
        let access = DeviceAccess(global: global, options: options, bus: (host, isVirtual))
        var key = attached
        do {
            return try access.withSession(for: [.list, .write(work.writing)]) { opened in
                key = opened.attached
                return try make(opened)
            }
        } catch let error as LineError {
            return ending(error, key)
        } catch {
            return opening(error, key)
        }
    }

    private func make(_ opened: DeviceAccess.Opened) throws(LineError) -> LinePort.Ending {
        let key = opened.attached
        audience.hear(.working(key))
        let job = LineJob(
            ledger: writer.ledger, batch: batch, run: writer.run, replaces: replaces, random: World.current.random,
            seal: writer.seal)
        var (made, sheet): (LinePaper.Made?, String?)
        let outcome = try job.run(
            opened.session, isVirtual: opened.isVirtual,
            LineJob.Work(
                prepare: { entry in try work.prepare(entry) },
                observe: { entry, step in audience.hear(.step(key, entry.roster, step)) },
                cleared: { stored in audience.hear(.cleared(key, name: stored.name)) },
                handOut: { entry, credential, proof in
                    made = LinePaper.Made(
                        credential: credential, device: opened.session.device, isVirtual: opened.isVirtual,
                        slot: work.options(of: entry.roster).slot, verification: proof)
                    sheet = try made.flatMap { made in try work.paper?.save(entry, made) }
                }))
        switch outcome {
        case .made(let entry, _, let verification):
            audience.hear(.made(key, entry.roster, verification))
            if let sheet { audience.hear(.sheet(entry.roster, path: sheet)) }
            // The entry is done all the same: the ledger can print it again.
            do { if let made { try work.paper?.print(entry, made) } } catch {
                audience.hear(.notPrinted(entry.roster, Diagnosis(error)))
            }
            return .made
        case .refused(let reason):
            audience.hear(.refused(key, reason))
            return .refused(reason)
        }
    }

    private func ending(_ error: LineError, _ key: AttachedDevice) -> LinePort.Ending {
        switch error {
        case .unread(let error): return failed(key, nil, Diagnosis(CommandFailure(error, key)))
        case .unfit(let error, let entry), .device(let error, let entry, mayHoldSecret: false):
            return failed(key, entry.roster, Diagnosis(CommandFailure(error, key)))
        case .device(let error, let entry, mayHoldSecret: true):
            let failure = CommandFailure.unprovenEntry(error, key, account: entry.roster.account)
            return failed(key, entry.roster, Diagnosis(failure))
        case .preparing(let error, _), .handingOut(let error, _): return .halt(error)
        case .ledger(let error, _): return .halt(LedgerUseFailure.store(error, path: writer.path))
        }
    }

    private func failed(_ key: AttachedDevice, _ entry: RosterEntry?, _ diagnosis: Diagnosis) -> LinePort.Ending {
        audience.hear(.failed(key, entry, diagnosis))
        return .failed
    }

    /// A key that is busy, or not yet this user's to open, may be free in a moment, and a locked one unlocked.
    private func opening(_ error: any Error, _ key: AttachedDevice) -> LinePort.Ending {
        if case CommandFailure.interrupted = error { return .halt(error) }
        // Pulled out before it could be opened, which is seen on the bus as well.
        if case CommandFailure.noSuchDevice = error { return .failed }
        guard case CommandFailure.device(let cause, _, _) = error else { return .halt(error) }
        switch (cause, cause.usbError?.code) {
        case (_, .busy?), (_, .access?): return .notOpened(Diagnosis(error))
        // Who plugged it in has its card in hand, or is typing its PIN.
        case (.lockedOnKey, _), (.cardMissing, _), (.managedElsewhere, _), (.occupied, _):
            return .notOpened(Diagnosis(error))
        case (_, .interrupted?): return .halt(CommandFailure.interrupted)
        default: return failed(key, nil, Diagnosis(error))
        }
    }
}
