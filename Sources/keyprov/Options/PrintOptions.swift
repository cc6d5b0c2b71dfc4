import ArgumentParser

/// Options that say how the credential is handed out.
struct PrintOptions: ParsableArguments {
    @OptionGroup var formOptions: FormOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Where the QR code goes (default: terminal, with --json none).", valueName: "where"))
    var qr: QRDestination?

    func destination(asJSON: Bool) -> QRDestination { qr ?? (asJSON ? .none : .terminal) }
}
