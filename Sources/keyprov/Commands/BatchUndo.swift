import ArgumentParser
import KeyProvision
import SecretFormats

struct BatchUndo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take a key back: delete the credential from it, and open its entry again.",
        discussion: """
            The next key of the batch that fits gets a new secret for the entry. A server that has the old one has to be \
            given the new one.
            """,
        version: Keyprov.version)

    @Argument(help: ArgumentHelp("The account.", valueName: "account"))
    var account: String

    @Option(name: .long, help: "Name of the batch.")
    var batch: String

    @Option(name: .long, help: "Issuer of the credential, where the account has several.")
    var issuer: String?

    @Option(name: .long, help: "Which of its keys, where the account has several.")
    var copy = 1

    @Flag(name: .customLong("without-key"), help: "The key is lost or broken: only the entry is opened again.")
    var withoutKey = false

    @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
    @OptionGroup(title: "Ledger") var ledgerOptions: LedgerOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let store = try LedgerStore(ledgerOptions, global)
        let ledger = try store.openExisting()
        let (entry, attempt) = try find(ledger, store.path)
        if !withoutKey {
            try refuse(entry, ifWrittenOverIn: ledger, store.path)
            try delete(attempt)
        }
        try LedgerUseFailure.at(store.path) { () throws(LedgerError) in try ledger.undo(entry.id) }
        global.console.note("'\(account)' is open again")
        guard global.json else { return }
        try global.console.document { json in
            json.key("entry")
            json.value(entry.roster)
            json.key("state")
            json.value(EntryState.planned.rawValue)
        }
    }

    private func find(_ ledger: any Ledger, _ path: String) throws -> (LedgerEntry, Attempt) {
        let (begun, entries) = try LedgerUseFailure.at(path) { () throws(LedgerError) in
            guard let batch = try ledger.batch(named: batch) else { throw .noSuchBatch(batch) }
            let query = EntryQuery(batch: batch.id, accounts: [account])
            return (batch, try ledger.entries(query, after: nil, limit: Self.mostCopies))
        }
        let usual = BatchTerms(text: begun.terms).issuer
        let found = entries.filter { entry in
            entry.roster.copy == copy && (issuer == nil || (entry.roster.issuer ?? usual ?? "") == issuer)
        }
        guard let entry = found.first else {
            throw LedgerUseFailure.noEntry(account: account, copy: copy, batch: batch)
        }
        guard found.count == 1 else {
            throw LedgerUseFailure.severalIssuers(account: account, found.map { $0.roster.issuer ?? usual })
        }
        guard entry.state.isDone, let attempt = entry.attempt else {
            throw LedgerUseFailure.store(.wrongState(entry.state), path: path)
        }
        return (entry, attempt)
    }

    private static let mostCopies = 1000

    private func refuse(_ entry: LedgerEntry, ifWrittenOverIn ledger: any Ledger, _ path: String) throws {
        let later = try LedgerUseFailure.at(path) { () throws(LedgerError) in try ledger.successor(of: entry.id) }
        if let later { throw LedgerUseFailure.writtenOver(account: account, by: later) }
    }

    private func delete(_ attempt: Attempt) throws {
        var options = deviceOptions
        options.slot = attempt.slot ?? options.slot
        if options.device == nil, options.virtual == nil {
            options.device = attempt.key.serial.map(DeviceSelector.serial)
        }
        do {
            try delete(attempt, by: options)
        } catch CommandFailure.noSuchDevice where deviceOptions.device == nil {
            throw LedgerUseFailure.keyAbsent(attempt.key)
        }
    }

    private func delete(_ attempt: Attempt, by options: DeviceOptions) throws {
        try DeviceAccess(global: global, options: options).withSession(for: [.list, .delete]) { opened in
            let key = KeyIdentity(opened.session.device, isVirtual: opened.isVirtual)
            guard key.isSame(as: attempt.key) else {
                throw LedgerUseFailure.otherKey(opened.attached, wanted: attempt.key)
            }
            let label = attempt.terms.label
            let stored = try opened.session.list().first { opened.session.mayHold($0, of: attempt) }
            guard let stored else {
                return global.console.note("'\(label.text)' is not on \(opened.attached.text) any more")
            }
            try opened.session.delete(stored)
            global.console.note("deleted '\(stored.name)' from \(opened.attached.text)")
        }
    }
}
