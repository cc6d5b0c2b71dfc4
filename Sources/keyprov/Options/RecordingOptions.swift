import ArgumentParser

/// Whether and where a command records the secret that it writes.
struct RecordingOptions: ParsableArguments {
    @OptionGroup var place: LedgerOptions

    @Flag(
        name: .customLong("no-ledger"),
        help: "Do not record the secret. What is printed is then its only copy besides the key's.")
    var noLedger = false

    @Option(
        name: .customLong("ledger-passphrase-file"),
        help: ArgumentHelp(
            "Seal the secret in the ledger with a passphrase instead: the first line of this file.", valueName: "file"))
    var passphraseFile: String?

    mutating func validate() throws {
        if noLedger, place.ledger != nil { throw ValidationError("--ledger and --no-ledger exclude each other") }
        if noLedger, passphraseFile != nil {
            throw ValidationError("--ledger-passphrase-file and --no-ledger exclude each other")
        }
    }

    /// Opens the ledger; nil where nothing is to be recorded.
    func recorder(_ global: GlobalOptions) throws -> EnrollmentRecorder? {
        guard !noLedger else { return nil }
        return try EnrollmentRecorder(
            LedgerWriter(
                LedgerStore(place, global),
                LedgerKeys(
                    recipients: [], passphraseFile: passphraseFile, passphraseOption: "--ledger-passphrase-file",
                    global: global),
                station: World.current.hostName()))
    }
}
