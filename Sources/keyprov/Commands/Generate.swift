import ArgumentParser
import ByteBuffers
import SecretFormats

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Generate secrets without a key.", version: Keyprov.version)

    @Option(name: .long, help: ArgumentHelp("How many.", valueName: "number"))
    var count = 1

    @Option(name: .long, help: "Organization or service that issues the credentials.")
    var issuer: String?

    @Option(name: .long, help: "Account name; {n} in it counts from 1.")
    var account: String

    @OptionGroup(title: "Credential") var credentialOptions: CredentialOptions

    @Option(name: .long, help: "Format of the output (default: otpauth).")
    var format: FormatName?

    @Option(name: .long, help: ArgumentHelp("Write to a new file, readable by its owner only.", valueName: "file"))
    var out: String?

    @OptionGroup(title: "Sealed files") var recipientOptions: RecipientOptions

    @Option(
        name: .customLong("qr-dir"),
        help: ArgumentHelp("Write a QR code to a PNG file for each, named by number.", valueName: "dir"))
    var qrFolder: String?

    @OptionGroup var global: GlobalOptions

    private static let placeholder = "{n}"
    /// Credentials in memory at a time.
    private static let blockLength = 256

    mutating func validate() throws {
        if global.json, format != nil { throw ValidationError("--json and --format exclude each other") }
        guard count >= 1 else { throw ValidationError("--count takes 1 or more") }
        if !recipientOptions.isEmpty {
            guard out != nil else {
                throw ValidationError(
                    "with --recipient, generate needs --out; 'keyprov seal' takes its output from a pipe")
            }
            if qrFolder != nil { throw ValidationError("with --recipient, QR codes would hold the secrets in clear") }
        }
        if count > 1, !account.contains(Self.placeholder) {
            throw ValidationError("with --count, --account needs {n}: two credentials cannot share a name")
        }
    }

    func run() throws {
        let file = try out.map { path in try ExportFile(path, sealer: try recipientOptions.sealer()) }
        let pictures = try qrFolder.map { folder throws(FileError) in try QRFolder(folder, count: count) }
        let progress = ProgressLine(total: count, console: global.console)
        let encoder = try RecordEncoder(format: (format ?? .standard).forWriting(), asJSON: global.json)
        var number = 1
        while number <= count {
            try World.current.checkInterruption()
            let numbers = number...min(number + Self.blockLength - 1, count)
            let credentials = try numbers.map(credential)
            let block = WipedBuffer(capacity: credentials.count * 128)
            if number == 1 { try encoder.start(into: block) }
            for credential in credentials { try encoder.append(credential, into: block) }
            number += credentials.count
            if number > count { try encoder.end(into: block) }
            if let file { try file.write(block) } else { try global.console.data(block) }
            try pictures?.write(credentials, from: numbers.lowerBound)
            progress.advance(to: number - 1)
        }
        _ = try file?.finish()
        try file?.commit()
        if let out { global.console.note("wrote \(count) to '\(out)'") }
    }

    private func credential(_ number: Int) throws -> Credential {
        let name = account.split(separator: Self.placeholder, omittingEmptySubsequences: false)
            .joined(separator: String(number))
        return try credentialOptions.generate(
            Label(issuer: issuer.flatMap { $0.isEmpty ? nil : $0 }, account: name))
    }
}

/// A format of the list, by its name.
struct FormatName: ExpressibleByArgument {
    let format: any SecretFormat

    static let standard = FormatName(format: OTPAuthFormat())

    init(format: any SecretFormat) { self.format = format }

    init?(argument: String) {
        guard let format = FormatList.named(argument) else { return nil }
        self.format = format
    }

    /// - Throws: where the format is only written.
    func forReading() throws(CommandFailure) -> any SecretFormat {
        guard format.isReadable else { throw .formatDirection(format.name, "written") }
        return format
    }

    /// - Throws: where the format is only read.
    func forWriting() throws(CommandFailure) -> any SecretFormat {
        guard format.isWritable else { throw .formatDirection(format.name, "read") }
        return format
    }

    static let allValueStrings = FormatList.all.map(\.name)
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// Credentials one after another, in a format or as lines of JSON.
final class RecordEncoder {
    private let writer: RecordWriter
    private let asJSON: Bool

    init(format: any SecretFormat, asJSON: Bool) throws(FormatError) {
        let options = EncodingOptions(
            random: World.current.random, unixTime: Int(clamping: World.current.now()))
        writer = try format.writer(options: options)
        self.asJSON = asJSON
    }

    func start(into output: WipedBuffer) throws(FormatError) {
        if !asJSON { try writer.start(into: output) }
    }

    func append(_ credential: Credential, into output: WipedBuffer) throws(FormatError) {
        guard !asJSON else { return try appendJSON(credential, into: output) }
        try writer.append(TokenRecord(credential: credential), into: output)
    }

    func end(into output: WipedBuffer) throws(FormatError) {
        if !asJSON { try writer.end(into: output) }
    }

    private func appendJSON(_ credential: Credential, into output: WipedBuffer) throws(FormatError) {
        let uri = try OTPAuthURI.encode(credential)
        let json = JSONWriter()
        json.object {
            json.key("credential")
            json.value(credential)
            json.key("secret")
            json.object {
                json.key("base32")
                json.value(Base32.encode(credential.secret))
            }
            json.key("uri")
            json.value(uri)
        }
        json.endLine()
        output.append(contentsOf: json.buffer)
    }
}
