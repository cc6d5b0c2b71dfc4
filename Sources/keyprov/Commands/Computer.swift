import ArgumentParser
import KeyProvision
import SecretFormats

struct Computer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "computer", abstract: "Secrets with which a computer proves itself to a key (reverse HOTP).",
        discussion: """
            The computer shows the key a code, as firmware does that checks itself at each start; the key's light \
            says whether it is right. 'keyprov credentials' lists, renames and deletes such secrets.
            """,
        version: Keyprov.version, subcommands: [Enroll.self, Verify.self])

    struct Enroll: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enroll",
            abstract: "Write a computer's secret to a key, and have the key accept a code of it.",
            discussion: """
                The computer has to begin at --counter. The code before that is used up by the proof; for counter 0 there \
                is none, and the secret is written twice. The key accepts the code at its counter and at the nine after \
                it. Writing takes the user PIN and a touch, checking neither. The secret is in no ledger.
                """,
            version: Keyprov.version)

        @OptionGroup var label: LabelOptions

        @Option(name: .long, help: "Hash.")
        var algorithm = Hash.sha1

        @Option(name: .long, help: "Length of a code: 6 or 8.")
        var digits = Credential.defaultDigits

        @Option(name: .long, help: ArgumentHelp("First counter that the computer uses.", valueName: "number"))
        var counter: UInt64 = 1

        @Option(name: .long, help: "Random bytes in the secret; 20 are 32 base32 characters.")
        var bytes = CredentialOptions.usualBytes

        @Option(
            name: .customLong("secret-file"),
            help: ArgumentHelp(
                "Take the computer's own secret instead: base32 in the first line of a file, '-' for standard input.",
                valueName: "file"))
        var secretFile: String?

        @Option(name: .long, help: ArgumentHelp("Write to a new file, readable by its owner only.", valueName: "file"))
        var out: String?

        @Flag(name: .long, help: "The key checks a code only at a touch.")
        var touch = false

        @Flag(name: .long, help: "Overwrite a computer's secret of the same name.")
        var replace = false

        @Flag(
            name: .customLong("require-pin"),
            help: "The key checks a code only after its PIN, which few computers give.")
        var requiresPIN = false

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        /// What keys check a computer's codes by.
        enum Hash: String, ExpressibleByArgument, CaseIterable {
            case sha1 = "SHA1"
            case sha256 = "SHA256"

            init?(argument: String) { self.init(rawValue: argument.uppercased()) }

            fileprivate var algorithm: HashAlgorithm {
                switch self {
                case .sha1: .sha1
                case .sha256: .sha256
                }
            }
        }

        private static let fileLimit = 4096

        mutating func validate() throws {
            try CredentialOptions.check(bytes: bytes)
            guard Credential.digitsRange.contains(digits) else { throw ValidationError("--digits takes 6 or 8") }
            try deviceOptions.checkInputs(beside: secretFile, names: "secret, code or PIN")
        }

        func run() throws {
            let file = try out.map { path throws(FileError) in try NewFile(path) }
            let credential = try HostCredential(
                label: try label.label(), counter: counter, algorithm: algorithm.algorithm, digits: digits,
                secret: try secret())
            let report = try write(credential)
            do throws(FileError) {
                let text = global.json ? report.document : report.fields
                if let file { try file.write(text) } else { try global.console.data(text) }
                try file?.commit()
            } catch {
                throw CommandFailure.unprinted(error, name: credential.label.text, isRecorded: false)
            }
            if let out { global.console.note("wrote the secret to '\(out)'") }
        }

        private func write(_ credential: HostCredential) throws -> HostEnrollmentReport {
            let options = WriteOptions(touch: touch, slot: deviceOptions.slot, pin: requiresPIN)
            return try DeviceAccess(global: global, options: deviceOptions).withSession(
                for: [.list, .writeHost], check: { try $0.hostVerifying.check(credential, options) },
                { opened in
                    var enrollment = HostEnrollment(credential, options: options, replaces: replace)
                    let verification: Verification
                    do throws(DeviceError) {
                        verification = try enrollment.run(on: try opened.session.hostVerifying) { tell($0) }
                    } catch {
                        guard enrollment.progress.mayHaveWritten(despite: error) else { throw error }
                        throw CommandFailure.unproven(error, opened.attached, name: credential.label.text)
                    }
                    global.console.note(
                        "wrote the computer's secret '\(credential.label.text)' to \(opened.attached.text); "
                            + "verified: \(verification.rawValue)")
                    global.console.note(
                        "the computer has to begin with counter \(credential.counter), at which the key stands now")
                    return HostEnrollmentReport(
                        credential: credential, isNew: secretFile == nil, device: opened.session.device,
                        isVirtual: opened.isVirtual, verification: verification)
                })
        }

        private func tell(_ step: EnrollmentStep) {
            let text = step == .proving ? Phrases.showingCode : step.text
            if step.isSaid { global.console.say(text) } else { global.console.detail(text) }
        }

        private func secret() throws -> Secret {
            let text: Secret
            switch secretFile {
            case nil: return try Secret.random(count: bytes, from: World.current.random)
            case "-"?: text = try World.current.terminal.readInput(limit: Self.fileLimit).firstLine
            case let file?: text = try Files.read(file, limit: Self.fileLimit).firstLine
            }
            return try BareSecret.withPlainSpaces(text).withBytes { bytes throws(FormatError) in
                try Base32.decode(bytes)
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Show a key a computer's code, and say whether the key accepts it.",
            discussion: """
                An accepted code is used up: the computer goes on with the next one. After a wrong one the key blinks red, \
                and does not stop by itself.
                """,
            version: Keyprov.version)

        @Argument(help: "The code that the computer computed: 6, 7 or 8 digits.")
        var code: String

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Issuer and account, or part of them. Not needed when the key holds one computer's secret.",
                valueName: "name"))
        var name: String?

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        private var number: UInt32? {
            guard Credential.digitsRange.contains(code.utf8.count),
                code.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
            else { return nil }
            return UInt32(code)
        }

        mutating func validate() throws {
            guard number != nil else { throw ValidationError("a code has 6, 7 or 8 digits") }
        }

        func run() throws {
            let code = number ?? 0
            try DeviceAccess(global: global, options: deviceOptions).withSession(
                for: [.list, .compute], check: { _ = try $0.hostVerifying },
                { opened in
                    let session = try opened.session.hostVerifying
                    let all = try session.list().filter { $0.kind == .reverseHOTP }
                    let stored = try StoredCredentials(all, hidingPIN: opened.hidingPIN).only(matching: name)
                    guard try session.accepts(code: code, of: stored) else { throw CommandFailure.codeNotAccepted }
                    global.console.note("\(opened.attached.text) accepts the code of '\(stored.name)'")
                    guard global.json else { return }
                    try global.console.document { json in
                        json.key("device")
                        json.value(session.device, isVirtual: opened.isVirtual)
                        json.key("accepted")
                        json.value(stored)
                    }
                })
        }
    }
}

extension ProvisioningSession {
    /// - Throws: `.notSupported` for a key that checks no codes.
    fileprivate var hostVerifying: any HostVerifying {
        get throws(DeviceError) {
            guard let session = self as? any HostVerifying else { throw .notSupported(.hostCodes) }
            return session
        }
    }
}
