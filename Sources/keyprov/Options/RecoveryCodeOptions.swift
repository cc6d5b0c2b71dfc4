import ArgumentParser
import SecretFormats

/// The recovery codes that a server gave out together with its secret.
struct RecoveryCodeOptions: ParsableArguments {
    @Option(
        name: .customLong("recovery-codes"),
        help: ArgumentHelp(
            "Read the server's recovery codes, check them, and print a list to tick off; '-' reads the standard input, "
                + "in 'import' after the code was given.",
            valueName: "file"))
    var file: String?

    /// Whether they are typed or piped in, which can be as late as the server shows them.
    var isInput: Bool { file == "-" }

    /// Bytes. A list is far shorter; a longer file is another one.
    private static let limit = 4096

    /// The codes; nil where none were named.
    ///
    /// - Parameter profile: says how many there are and how long they are. The IPI Enterprise Server's ten of eight are
    ///   assumed where it does not.
    func read(_ profile: Profile) throws -> RecoveryCodes? {
        guard let file else { return nil }
        let text =
            file == "-"
            ? try World.current.terminal.readInput(limit: Self.limit) : try Files.read(file, limit: Self.limit)
        let shape = profile.recoveryCodes?.value ?? .ipiEnterpriseServer
        return try text.withBytes { bytes throws(RecoveryCodeError) in try RecoveryCodes(parsing: bytes, shape: shape) }
    }
}
