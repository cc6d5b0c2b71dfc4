import ArgumentParser
import KeyProvision
import MockDevices
import SecretFormats

struct BatchRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Work through a roster: plug a key in, wait until it is done, pull it out, next.",
        discussion: """
            Every secret is in the ledger, sealed, before it is sent to a key. It can be stopped at any moment, also by \
            pulling the power cord; --resume goes on. Secrets come out by 'keyprov ledger export', or as sheets.
            """,
        version: Keyprov.version)

    @OptionGroup(title: "Roster") var rosterOptions: RosterOptions

    @Option(name: .long, help: "Organization or service that issues the credentials, where the roster has no issuer.")
    var issuer: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Family of the keys, as 'keys' lists them: the roster is checked for what they take, and others are left alone.",
            valueName: "name"), completion: .list(FamilyChoice.names))
    var family: String?

    @Option(name: .long, help: "Name of the batch in the ledger (default: that of the roster's file).")
    var batch: String?

    @Flag(
        name: .long,
        help: """
            Go on with a batch that was begun, with the options that it was begun with. Entries that are new in the roster \
            are added; without a roster, --batch says which one.
            """)
    var resume = false

    @Flag(name: .customLong("dry-run"), help: "Check the roster and say what there is to do. Touches no key.")
    var dryRun = false

    @Flag(
        name: .long, help: "Wait for keys until the roster is done. Without it, the keys that are plugged in are done.")
    var watch = false

    @Option(name: .long, help: "Keys that are done at the same time.")
    var jobs = 1

    @OptionGroup(title: "Credential") var credentialOptions: CredentialOptions
    @OptionGroup(title: "Writing") var storageOptions: StorageOptions
    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup(title: "Ledger") var ledgerOptions: LedgerOptions
    @OptionGroup(title: "Ledger") var recipientOptions: RecipientOptions

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp("Seal the secrets of this run with the first line of this file instead.", valueName: "file"))
    var passphraseFile: String?

    @Option(name: .long, help: "Name of this desk, for the ledger (default: the machine's).")
    var station: String?

    @OptionGroup(title: "Paper") var paperOptions: LinePaperOptions
    @OptionGroup(title: "Paper") var formOptions: FormOptions
    @OptionGroup var global: GlobalOptions

    private static let jobsRange = 1...64
    private static let anySlot = 1

    mutating func validate() throws {
        guard rosterOptions.isGiven || (resume && batch != nil) else {
            throw ValidationError("a roster or --from-ldap is needed; --resume with --batch NAME goes on without")
        }
        guard Self.jobsRange.contains(jobs) else { throw ValidationError("--jobs takes 1 to 64") }
        guard passphraseFile == nil || recipientOptions.isEmpty else {
            throw ValidationError("--passphrase-file and --recipient exclude each other")
        }
        let codes = [deviceOptions.accessCodeFile, deviceOptions.pinFile, deviceOptions.adminPINFile]
        guard !codes.contains("-") else {
            throw ValidationError("a code or PIN for many keys comes from a file: the standard input is read once")
        }
        if case .serial? = deviceOptions.device {
            throw ValidationError("--device takes a port here; which key an entry is for stands in the roster")
        }
    }

    func run() throws {
        guard let name = batch ?? rosterOptions.fileStem else {
            throw CommandFailure.usage("a roster that is no file has no name", hints: ["name the batch: --batch NAME"])
        }
        let store = try LedgerStore(ledgerOptions, global)
        let begun = try store.batch(named: name)
        guard name != EnrollmentRecorder.batchName || begun?.terms.isEmpty == false else {
            throw LedgerUseFailure.notARoster(batch: name)
        }
        var run = self
        if resume, let begun { run.fillOptions(from: begun) }
        try run.work(through: BatchStart(name: name, begun: begun, isResumed: resume, terms: run.terms, store: store))
    }

    private var terms: BatchTerms {
        BatchTerms(issuer: issuer, credentialOptions, storageOptions, slot: deviceOptions.slot)
    }

    /// What was not said is as it was when the batch was begun.
    private mutating func fillOptions(from begun: Batch) {
        let terms = terms.completed(from: BatchTerms(text: begun.terms))
        credentialOptions = terms.options(like: credentialOptions)
        storageOptions = terms.options(like: storageOptions)
        (issuer, deviceOptions.slot) = (terms.issuer, terms.slot)
    }

    private func work(through start: BatchStart) throws {
        let roster = rosterOptions.isGiven ? try RosterSource(rosterOptions, console: global.console) : nil
        let checked = try roster.map(check) ?? start.contents()
        try formOptions.form().admit(
            credentialOptions.generate(RosterJudge.sampleLabel()), madeHere: true, global.console)
        if dryRun { return try start.report(roster, checked, global) }

        let paper = try paperOptions.paper(formOptions, sealedTo: recipientOptions, global.console)
        let writer = try LedgerWriter(
            start.store,
            LedgerKeys(recipients: recipientOptions.recipients(), passphraseFile: passphraseFile, global: global),
            station: station ?? World.current.hostName())
        let batch = try start.batch(writer)
        if let roster { try plan(roster, in: batch, writer) }
        let work = LineWork(
            issuer: issuer, credential: credentialOptions,
            writing: storageOptions.writeOptions(slot: deviceOptions.slot), paper: paper)
        let counts: EntryCounts
        do { counts = try self.work(through: batch, writer, work, takesSlots: checked.hasSlots) } catch {
            guard Diagnosis(error) == .interrupted else { throw error }
            let counts = try start.counts(of: batch, writer.ledger)
            guard counts.done < counts.total else { throw error }
            throw CommandFailure.batchInterrupted(open: counts.total - counts.done, of: counts.total)
        }
        guard counts.done == counts.total else {
            throw CommandFailure.entriesLeft(counts.total - counts.done, of: counts.total)
        }
    }

    /// Refuses what the keys do not take, where their family is known, before the first one is touched.
    private func check(_ roster: RosterSource) throws -> BatchStart.Contents {
        let judge = try RosterJudge(
            features: features(of: roster), issuer: issuer,
            sample: credentialOptions.generate(RosterJudge.sampleLabel()),
            options: storageOptions.writeOptions(slot: deviceOptions.slot), console: global.console,
            form: formOptions.form(of:))
        var hasSlots = false
        let outcome = try roster.check(issuer: issuer) { entry throws(RosterObjection) in
            if entry.slot != nil { hasSlots = true }
            try judge.check(entry)
        }
        guard outcome.problems.isEmpty else {
            let report = RosterReport(name: roster.name, isDirectory: roster.isDirectory, outcome: outcome)
            try report.print(to: global.console, asJSON: global.json)
            throw RosterFailure.refused(outcome.problems.count, isCutOff: outcome.isCutOff, name: roster.name)
        }
        return BatchStart.Contents(entries: outcome.entries, hasSlots: hasSlots)
    }

    /// Of the family that was named, or that the virtual keys are of; one model can have two, with slots and without.
    private func features(of roster: RosterSource) throws -> FamilyFeatures? {
        if let family { return try FamilyChoice.family(named: family).features }
        guard let virtual = deviceOptions.virtual else { return nil }
        guard let model = Catalog.virtualModel(named: virtual) else { throw VirtualKeyFailure.noSuchModel(virtual) }
        var slot = deviceOptions.slot
        if slot == nil {
            _ = try roster.check(issuer: issuer) { entry in if entry.slot != nil { slot = Self.anySlot } }
        }
        let host = VirtualHost([VirtualKey(model: model, serial: 0)])
        return try host.devices().first.flatMap { Catalog.recognize($0, slot: slot) }?.family.features
    }

    /// All of the roster, in one change.
    private func plan(_ roster: RosterSource, in batch: Batch, _ writer: LedgerWriter) throws {
        var entries = try roster.entries()
        var failure: (any Error)?
        var outcome = PlanOutcome()
        do {
            try LedgerUseFailure.at(writer.path) { () throws(LedgerError) in
                outcome = try writer.ledger.plan(batch, issuer: issuer) { () throws(LedgerError) in
                    do { return try entries.next() } catch {
                        failure = error
                        throw .stopped
                    }
                }
            }
        } catch {
            throw failure ?? error
        }
        if outcome.corrected > 0 { global.console.note(LedgerWords.corrected(outcome.corrected)) }
        if outcome.differing > 0 { global.console.warn(LedgerWords.differing(outcome)) }
    }

    private func work(
        through batch: Batch, _ writer: LedgerWriter, _ work: LineWork, takesSlots: Bool
    ) throws -> EntryCounts {
        var world = World.current
        var audiences: [any LineAudience] = [LineVoice(console: global.console)]
        let stream = global.json ? LineStream(console: global.console) : nil
        if let stream { audiences.append(stream) }
        if world.terminal.speechIsTerminal, world.terminalObeys, !global.quiet {
            let screen = LineScreen(world.speech, now: world.now) { [terminal = world.terminal] in terminal.speechSize }
            world.speech = screen
            // Before what is said, so that the foot below it is the right one.
            audiences.insert(screen, at: 0)
        }
        let box = try deviceOptions.virtual.map { model in
            try VirtualBox(
                VirtualKeyStore(stateFolder: global.stateFolder()), model: model, batch: batch.name, ports: jobs)
        }
        if box != nil { global.console.say("virtual keys: nothing is written to hardware") }
        var device = deviceOptions
        if takesSlots { device.slot = device.slot ?? Self.anySlot }
        let job = LineJobRun(
            writer: writer, batch: batch, work: work, replaces: storageOptions.replace, global: global,
            device: device, family: family, isVirtual: box != nil, audience: LineAudiences(all: audiences))
        let line = try AssemblyLine(
            job, on: box ?? world.openBus(), box: box, jobs: jobs, watches: watch || box != nil)
        let counts = try World.$current.withValue(world) { try line.run() }
        try stream?.finish()
        return counts
    }
}
