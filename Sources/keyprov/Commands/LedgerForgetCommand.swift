import ArgumentParser
import KeyProvision

extension LedgerCommand {
    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget", abstract: "Erase secrets from the ledger. That the keys were made stays on record.",
            discussion: """
                The file is rewritten, so that nothing of them is left in it. Copies elsewhere are not touched: backups, \
                exported files, paper.
                """,
            version: Keyprov.version)

        @Argument(help: ArgumentHelp("Accounts, exactly as they are written.", valueName: "account"))
        var accounts: [String] = []

        @Flag(name: .long, help: "All entries that were exported; with accounts, those of them.")
        var exported = false

        @Flag(
            name: .long,
            help: "Entries too that were verified and never exported: no server can learn their secrets then.")
        var unexported = false

        @Flag(
            name: .long,
            help: ArgumentHelp(
                "Instead, only the secrets that nobody uses: of attempts that failed, of keys that were taken back, and of "
                    + "what was written over; with accounts, those of them."))
        var unused = false

        @Flag(name: .customLong("dry-run"), help: "Say what would be forgotten, and leave it.")
        var dryRun = false

        @OptionGroup(title: "Ledger") var selection: LedgerSelection
        @OptionGroup(title: "Common") var global: GlobalOptions

        /// What is forgotten in one change.
        static let atOnce = 2_000

        mutating func validate() throws {
            guard !accounts.isEmpty || exported || unused else {
                throw ValidationError(
                    "forget needs accounts, --exported for all that were exported, or --unused for what nobody uses")
            }
            guard !unused || !exported && !unexported else {
                throw ValidationError(
                    "--unused leaves what was verified alone, and excludes --exported and --unexported")
            }
        }

        func run() throws {
            let ledger = try selection.open(global)
            guard !unused else { return try forgetUnused(in: ledger) }
            let choice = try choice(in: ledger)
            let console = global.console
            guard !dryRun else {
                console.note(LedgerWords.wouldForget(choice.entries.count))
                return try finish(choice, forgotten: 0)
            }
            let left = try ledger.change(choice.entries, atOnce: Self.atOnce) { ledger, page throws(LedgerError) in
                try ledger.forget(page)
            }
            let forgotten = choice.entries.count - left
            // Also where there is nothing to forget any more: an earlier run may have ended before this.
            try ledger.run { ledger throws(LedgerError) in try ledger.compact() }
            if choice.unexported > 0 { console.warn(LedgerWords.forgotUnexported) }
            if left > 0 { console.warn(LedgerWords.notForgotten(left)) }
            console.note(LedgerWords.forgot(forgotten))
            if forgotten > 0 { console.note(LedgerWords.copiesStay) }
            try finish(choice, forgotten: forgotten)
        }

        private struct Choice {
            var entries: [SeenEntry] = []
            var unexported = 0
            /// Of these accounts, and not done.
            var open = 0
        }

        private func choice(in ledger: OpenLedger) throws -> Choice {
            var choice = Choice()
            var refused: [String] = []
            var unknown = Set(accounts)
            let states: Set<EntryState> = unexported ? [.exported, .verified] : [.exported]
            try ledger.forEachPage(
                ledger.query(states: accounts.isEmpty ? states : nil, accounts: accounts.isEmpty ? nil : accounts)
            ) { page in
                for entry in page {
                    unknown.remove(entry.roster.account)
                    if states.contains(entry.state) {
                        choice.entries.append(SeenEntry(entry))
                        if entry.state == .verified { choice.unexported += 1 }
                    } else if entry.state == .verified, !exported {
                        refused.append(entry.roster.account)
                    } else if !entry.state.isDone {
                        choice.open += 1
                    }
                }
            }
            guard unknown.isEmpty else { throw LedgerReadFailure.noAccounts(accounts.filter(unknown.contains)) }
            guard refused.isEmpty else { throw LedgerReadFailure.notExported(refused) }
            return choice
        }

        private func finish(_ choice: Choice, forgotten: Int) throws {
            if choice.open > 0 { global.console.warn(LedgerWords.stillOpen(choice.open)) }
            guard global.json else { return }
            try global.console.document { json in
                json.key("forgotten")
                json.value(forgotten)
                json.key("chosen")
                json.value(choice.entries.count)
                json.key("unexported")
                json.value(choice.unexported)
                json.key("not_done")
                json.value(choice.open)
            }
        }
    }
}
