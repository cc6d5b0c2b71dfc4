import ArgumentParser

/// Options that say how the credential is handed out.
struct PrintOptions: ParsableArguments {
    @Option(name: .long, help: "Labels and order of the printed fields.")
    var profile = Profile.generic

    @Option(
        name: .long,
        help: ArgumentHelp("Where the QR code goes (default: terminal, with --json none).", valueName: "where"))
    var qr: QRDestination?

    func destination(asJSON: Bool) -> QRDestination { qr ?? (asJSON ? .none : .terminal) }
}

extension Profile: ExpressibleByArgument {
    init?(argument: String) {
        guard let profile = Profile.named(argument) else { return nil }
        self = profile
    }

    var defaultValueDescription: String { name }
    static var allValueStrings: [String] { all.map(\.name) }
}
