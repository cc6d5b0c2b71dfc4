import Dispatch
import KeyProvision
import Synchronization
import USBTransport

/// Works through a batch: each key that is there, or comes, gets the entry that it is for.
///
/// The bus is watched on the thread that calls `run`; each key is done on a thread of its own. Only the first one touches the
/// ports, so there is nothing to lock but the endings that the others leave.
final class AssemblyLine {
    private let job: LineJobRun
    private let jobs: Int
    /// Whether keys are waited for, or only those done that are there.
    private let watches: Bool
    private let host: any USBHost
    private let box: VirtualBox?
    private let endings = Endings()
    private var ports: [USBLocation: LinePort] = [:]
    private var halt: (any Error)?
    /// Another key would fare no better.
    private var hasGivenUp = false
    private var hasSaidWaiting = false
    private var hasSeenKey = false

    init(_ job: LineJobRun, on host: any USBHost, box: VirtualBox?, jobs: Int, watches: Bool) {
        self.job = job
        self.jobs = jobs
        self.watches = watches
        self.host = host
        self.box = box
    }

    /// - Returns: how the batch stands at the end.
    func run() throws -> EntryCounts {
        var counts = try counts()
        job.audience.hear(.started(counts))
        defer { finishWork() }
        try lookAround(waiting: .zero)
        while halt == nil, !hasGivenUp, counts.done < counts.total {
            startJobs(open: counts.open)
            if working == 0 {
                let isSomeoneNext = ports.values.contains { $0.phase == .waiting }
                guard watches || isSomeoneNext else { break }
                try announce()
                // Time at a virtual bus passes at once, but not for the other run that the key waits for.
                if box != nil, isSomeoneNext { endings.wait(at: Self.glance) }
                try lookAround(waiting: isSomeoneNext ? LinePort.patience : Self.attention)
            } else {
                endings.wait(at: Self.glance)
                try lookAround(waiting: .zero)
            }
            settle()
            counts = try self.counts()
        }
        finishWork()
        if let halt { throw halt }
        counts = try self.counts()
        guard watches || hasSeenKey || counts.done == counts.total else {
            throw CommandFailure.noDevice(unusable: [])
        }
        job.audience.hear(.ended(counts))
        return counts
    }

    /// How long the bus is listened to while nothing else is going on: others may finish the batch meanwhile.
    private static let attention: Duration = .seconds(2)
    /// Milliseconds between two looks at the bus while keys are being done.
    private static let glance = 20

    private var working: Int { ports.values.count { $0.phase == .working } }

    private func counts() throws -> EntryCounts {
        try LedgerUseFailure.at(job.writer.path) { () throws(LedgerError) in
            try job.writer.ledger.counts(batch: job.batch.id)
        }
    }

    // MARK: The bus

    private func lookAround(waiting timeout: Duration) throws {
        var timeout = timeout
        while let change = try host.nextChange(timeout: timeout) {
            timeout = .zero
            switch change {
            case .arrived(let description): arrive(description)
            case .left(let description): leave(description)
            }
        }
        try box?.checkFailure()
        try World.current.checkInterruption()
    }

    private func arrive(_ description: USBDeviceDescription) {
        guard let candidate = Candidate(description, slot: job.device.slot) else { return }
        guard isWanted(candidate) else {
            // All of a box are alike.
            if box != nil { halt = CommandFailure.familyOfVirtual(candidate.family.name) }
            return
        }
        hasSeenKey = true
        let port = LinePort(candidate)
        ports[description.location] = port
        hasSaidWaiting = false
        guard let unusable = candidate.unusable else { return }
        port.phase = .done
        job.audience.hear(.failed(candidate.attached, nil, Diagnosis(CommandFailure.unusableDevice(unusable))))
    }

    private func leave(_ description: USBDeviceDescription) {
        guard let port = ports[description.location], port.candidate.description == description else { return }
        hasSaidWaiting = false
        job.audience.hear(.removed(port.candidate.attached))
        // A job that is still at it finds out by itself.
        if port.phase == .working { port.wasPulled = true } else { ports[description.location] = nil }
    }

    private func isWanted(_ candidate: Candidate) -> Bool {
        if let family = job.family, candidate.family.name != family { return false }
        guard case .location(let location)? = job.device.device else { return true }
        return candidate.description.location == location
    }

    private func announce() throws {
        guard !hasSaidWaiting, watches, box == nil, ports.values.allSatisfy({ $0.phase == .done }) else { return }
        hasSaidWaiting = true
        let open = EntryQuery(batch: job.batch.id, states: [.planned, .failed])
        let next = try LedgerUseFailure.at(job.writer.path) { () throws(LedgerError) in
            try job.writer.ledger.entries(open, after: nil, limit: 1)
        }
        job.audience.hear(.waiting(next: next.first?.roster))
    }

    // MARK: Jobs

    private func startJobs(open: Int) {
        var free = min(jobs - working, open)
        for port in ports.values.sorted(by: { $0.location < $1.location }) where port.isReady && free > 0 {
            port.phase = .working
            free -= 1
            start(port)
        }
    }

    private func start(_ port: LinePort) {
        let (job, host, endings, world) = (job, host, endings, World.current)
        let (attached, location) = (port.candidate.attached, port.location)
        // A serial queue of its own has a thread of its own, however many others wait for their keys.
        DispatchQueue(label: "line \(location)").async {
            let ending = World.$current.withValue(world) { job.run(attached, on: host) }
            endings.add(location, ending)
        }
    }

    private func settle() {
        for (location, ending) in endings.take() {
            guard let port = ports[location] else { continue }
            port.phase = .done
            switch ending {
            case .made: break
            // What a virtual key does not do, the next one of the box does not do either.
            case .failed: hasGivenUp = box != nil
            case .refused(.keyNotWanted) where box?.isNew(location) ?? false: hasGivenUp = true
            case .refused(.nothingOpen) where watches:
                // Another run has what is left; if it gives something back, this key can have it.
                port.waitALittle()
            case .refused: break
            case .notOpened(let diagnosis): lookAgain(port, diagnosis)
            case .halt(let error): halt = halt ?? error
            }
            if port.wasPulled { ports[location] = nil }
            if port.phase == .done { box?.take(location) }
        }
    }

    /// A key that could not be opened is looked at again for as long as it is there; where nobody waits, a few times.
    private func lookAgain(_ port: LinePort, _ diagnosis: Diagnosis) {
        port.failedLooks += 1
        if !watches, port.failedLooks > LinePort.mostLooks {
            return job.audience.hear(.failed(port.candidate.attached, nil, diagnosis))
        }
        if port.failedLooks == 1 { job.audience.hear(.retrying(port.candidate.attached, diagnosis)) }
        port.waitALittle()
    }

    /// Waits for the jobs that are at work: a key is never left in the middle.
    private func finishWork() {
        while working > 0 {
            endings.wait(at: Self.glance)
            settle()
        }
    }
}

/// What jobs leave behind when they end.
private final class Endings: Sendable {
    private let left = Mutex<[(USBLocation, LinePort.Ending)]>([])
    private let signal = DispatchSemaphore(value: 0)

    func add(_ location: USBLocation, _ ending: sending LinePort.Ending) {
        left.withLock { $0.append((location, ending)) }
        signal.signal()
    }

    func take() -> [(USBLocation, LinePort.Ending)] {
        left.withLock { left in
            defer { left = [] }
            return left
        }
    }

    /// - Parameter milliseconds: how long at most.
    func wait(at milliseconds: Int) { _ = signal.wait(timeout: .now() + .milliseconds(milliseconds)) }
}
