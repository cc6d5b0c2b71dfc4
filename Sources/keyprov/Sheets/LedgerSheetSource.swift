import KeyProvision
import SecretFormats
import SheetJobs

/// The keys of a ledger that are done. Their secrets are opened only for pages that have them.
struct LedgerSheetSource: SheetSource {
    let ledger: OpenLedger
    /// Exactly as they are written; empty for all.
    let accounts: [String]
    /// What opens the secrets.
    let opening: OpeningOptions
    /// Whether there will be a secret on a page: what was forgotten has none to give.
    let needsSecrets: Bool

    private var states: Set<EntryState> { needsSecrets ? [.verified, .exported] : [.verified, .exported, .forgotten] }

    private func query(withSecrets: Bool) -> EntryQuery {
        ledger.query(states: states, accounts: accounts.isEmpty ? nil : accounts, withSecrets: withSecrets)
    }

    /// - Throws: where that is none.
    func count() throws -> Int {
        var count = 0
        if accounts.isEmpty {
            count = try ledger.count(states)
        } else {
            try ledger.forEachPage(query(withSecrets: false)) { count += $0.count }
        }
        guard count > 0 else { throw LedgerReadFailure.nothingForSheets(accounts) }
        return count
    }

    func entries(_ form: FilledForm, hasSecret: Bool) throws -> () throws -> SheetEntry? {
        let opener = hasSecret ? try preparedOpener() : nil
        var page: [LedgerEntry] = []
        var last: LedgerEntry.ID?
        return {
            if page.isEmpty {
                page = try ledger.page(query(withSecrets: hasSecret), after: last).reversed()
                last = page.first?.id
            }
            guard let entry = page.popLast() else { return nil }
            return try SheetEntry(entry, form: form, openedBy: opener)
        }
    }

    private func preparedOpener() throws -> LedgerOpener {
        var runs: [Int64: Int] = [:]
        try ledger.forEachPage(query(withSecrets: false)) { page in
            for run in page.compactMap(\.attempt?.run) { runs[run, default: 0] += 1 }
        }
        let opener = LedgerOpener(ledger, try opening.keys(for: ledger))
        try opener.prepare(runs)
        return opener
    }
}

extension SheetEntry {
    /// What a ledger says of a key and of its owner.
    ///
    /// - Parameter opener: opens the secret; nil leaves it out.
    fileprivate init(_ entry: LedgerEntry, form: FilledForm, openedBy opener: LedgerOpener?) throws {
        guard let attempt = entry.attempt else {
            self.init()
            return
        }
        if let opener {
            let credential = try attempt.terms.credential(with: try opener.secret(of: attempt))
            try self.init(TokenRecord(credential: credential), form: form, hasSecret: true)
        } else {
            let terms = attempt.terms
            self.init(
                terms.label, terms.kind, terms.algorithm, digits: terms.digits,
                fields: form.values(of: terms, secret: nil).map(Field.init))
        }
        texts[.serial] = attempt.key.serial
        texts[.model] = attempt.key.model
        texts[.slot] = attempt.slot.map(String.init)
        texts[.owner] = entry.roster.owner
        // Letters go through the house, where the department is the address.
        if let department = entry.roster.department {
            texts[.address] = (entry.roster.owner ?? entry.roster.account) + "\n" + department
        }
    }
}
