import KeyProvision

extension LedgerCommand.Forget {
    /// Erases secrets of attempts that came to nothing. Entries stay what they are.
    func forgetUnused(in ledger: OpenLedger) throws {
        try checkAccounts(in: ledger)
        let query = ledger.query(accounts: accounts.isEmpty ? nil : accounts)
        let found = try ledger.run { ledger throws(LedgerError) in try ledger.unusedSecrets(query) }
        guard !dryRun else {
            global.console.note(LedgerWords.wouldErase(found))
            return try finish(unused: found, erased: 0)
        }
        var erased = 0
        while true {
            try World.current.checkInterruption()
            let count = try ledger.run { ledger throws(LedgerError) in
                try ledger.forgetUnused(query, limit: Self.atOnce)
            }
            if count == 0 { break }
            erased += count
        }
        // Also where there is nothing to erase any more: an earlier run may have ended before this.
        try ledger.run { ledger throws(LedgerError) in try ledger.compact() }
        global.console.note(LedgerWords.erased(erased))
        if erased > 0 { global.console.note(LedgerWords.backupsStay) }
        try finish(unused: max(found, erased), erased: erased)
    }

    private func checkAccounts(in ledger: OpenLedger) throws {
        guard !accounts.isEmpty else { return }
        var unknown = Set(accounts)
        try ledger.forEachPage(ledger.query(accounts: accounts)) { page in
            for entry in page { unknown.remove(entry.roster.account) }
        }
        guard unknown.isEmpty else { throw LedgerReadFailure.noAccounts(accounts.filter(unknown.contains)) }
    }

    private func finish(unused: Int, erased: Int) throws {
        guard global.json else { return }
        try global.console.document { json in
            json.key("unused")
            json.value(unused)
            json.key("erased")
            json.value(erased)
        }
    }
}
