import ArgumentParser
import Sealing
import SecretFormats

/// Whom an output is sealed to.
struct RecipientOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Seal the output to this recipient; may be repeated.", valueName: "age1..."))
    var recipient: [String] = []

    @Option(
        name: .customLong("recipients-file"),
        help: ArgumentHelp("Seal it to the recipients in this file, one a line.", valueName: "file"))
    var recipientsFile: [String] = []

    var isEmpty: Bool { recipient.isEmpty && recipientsFile.isEmpty }

    /// Those that were named, one after another.
    func recipients() throws -> [AgeRecipient] {
        var recipients: [AgeRecipient] = []
        for text in recipient {
            do throws(SealError) { recipients.append(try AgeRecipient(text)) } catch {
                throw SealedFileFailure(path: nil, error: error)
            }
        }
        for path in recipientsFile {
            recipients += try KeyFiles.read(path) { (file: RawSpan) throws(SealError) in
                try AgeRecipient.list(parsing: file)
            }
        }
        return recipients
    }

    /// nil where nothing is to be sealed.
    func sealer() throws -> SealedFileWriter? {
        guard !isEmpty else { return nil }
        return try SealedFileWriter(for: .recipients(try recipients()), random: World.current.random)
    }
}

/// What opens an input.
struct IdentityOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Open a sealed file with an identity of this one; may be repeated.", valueName: "file"))
    var identity: [String] = []

    /// nil where there are none.
    func key() throws -> OpeningKey? {
        guard !identity.isEmpty else { return nil }
        var identities: [AgeIdentity] = []
        for path in identity {
            identities += try KeyFiles.read(path) { (file: RawSpan) throws(SealError) in
                try AgeIdentity.list(parsing: file)
            }
        }
        return .identities(identities)
    }
}

private enum KeyFiles {
    /// Bytes; ten thousand recipients.
    private static let limit = 1 << 20

    static func read<Key>(_ path: String, _ parse: (RawSpan) throws(SealError) -> [Key]) throws -> [Key] {
        let file = try Files.read(path, limit: limit)
        do throws(SealError) {
            return try file.withBytes { (bytes: RawSpan) throws(SealError) in try parse(bytes) }
        } catch {
            throw SealedFileFailure(path: path, error: error)
        }
    }
}
