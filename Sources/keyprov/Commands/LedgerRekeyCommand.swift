import ArgumentParser
import KeyProvision
import Sealing
import SecretFormats

extension LedgerCommand {
    struct Rekey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rekey", abstract: "Seal the ledger's secrets to others.",
            discussion: """
                The data keys of all runs are sealed anew, or none. Copies of the ledger from before open as before. An \
                identity or a passphrase that is lost cannot be replaced, not even by this command.
                """,
            version: Keyprov.version)

        @OptionGroup(title: "Ledger") var place: LedgerOptions
        @OptionGroup(title: "Opened with") var opening: OpeningOptions
        @OptionGroup(title: "Sealed to") var recipientOptions: RecipientOptions

        @Option(
            name: .customLong("new-passphrase-file"),
            help: ArgumentHelp("Seal them with the first line of this file instead.", valueName: "file"))
        var newPassphraseFile: String?

        @OptionGroup(title: "Common") var global: GlobalOptions

        mutating func validate() throws {
            guard recipientOptions.isEmpty != (newPassphraseFile == nil) else {
                throw ValidationError("rekey needs either --recipient or --new-passphrase-file")
            }
        }

        func run() throws {
            let ledger = try OpenLedger(LedgerStore(place, global))
            let (key, recipients) = try sealingKey()
            let opener = LedgerOpener(ledger, try opening.keys(for: ledger))
            let runs = try opener.reseal(for: key, recipients: recipients)
            // What was sealed to those before is still in the file until it is rewritten.
            try ledger.run { ledger throws(LedgerError) in try ledger.compact() }
            global.console.note(LedgerWords.rekeyed(runs))
            global.console.note(LedgerWords.lostIsLost)
            guard global.json else { return }
            try global.console.document { json in
                json.key("runs")
                json.value(runs)
                json.key("recipients")
                json.array { for recipient in recipients { json.value(recipient) } }
                json.key("passphrase")
                json.value(newPassphraseFile != nil)
            }
        }

        private func sealingKey() throws -> (SealingKey, recipients: [String]) {
            guard let newPassphraseFile else {
                let recipients = try recipientOptions.recipients()
                let key = SealingKey.recipients(recipients)
                // Throws for one to whom nothing can be sealed, also where the ledger has no data key yet.
                do throws(SealError) { _ = try RecordSealer(for: key, random: World.current.random) } catch {
                    throw SealedFileFailure(path: nil, error: error)
                }
                return (key, recipients.map(\.text))
            }
            let passphrase = try Files.read(newPassphraseFile, limit: SealedTarget.passphraseLimit).firstLine
            guard passphrase.count > 0 else {
                throw SealedFileFailure(path: newPassphraseFile, error: .emptyPassphrase)
            }
            return (.passphrase(passphrase), [])
        }
    }
}
