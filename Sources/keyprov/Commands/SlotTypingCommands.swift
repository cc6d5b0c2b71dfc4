public import ArgumentParser
import ByteBuffers
public import KeyProvision
import SecretFormats

extension Slots {
    struct YubicoOTP: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "yubico-otp",
            abstract: "Make a slot type Yubico OTP, and print what the validation server needs.",
            discussion: """
                Private id and AES key are drawn at random. The key proves nothing of it: a slot that types computes \
                nothing for the host, and a write that was counted is all that can be known.
                """,
            version: Keyprov.version)

        @Option(
            name: .customLong("public-id"),
            help: ArgumentHelp(
                "1 to 16 bytes in modhex (default: six bytes, 'vv', 'cc' and the serial number).", valueName: "modhex"))
        var publicID: String?

        @Option(
            name: .long,
            help: "Print the record in this format instead: yubico, yubico-traditional, ykksm, okta-yubikey.")
        var format: FormatName?

        @Option(name: .long, help: ArgumentHelp("Write to a new file, readable by its owner only.", valueName: "file"))
        var out: String?

        @Flag(name: .long, help: "Overwrite what the slot holds.")
        var replace = false

        @OptionGroup var newCode: NewAccessCodeOptions
        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws {
            try deviceOptions.requireSlot()
            if global.json, format != nil { throw ValidationError("--json and --format exclude each other") }
            if let format, !format.format.limits.kinds.contains(.yubicoOTP) {
                throw ValidationError("--format: \(format.format.name) does not carry Yubico OTP")
            }
            if let publicID, (try? Self.bytes(modhex: publicID)) == nil {
                throw ValidationError("--public-id takes 1 to 16 bytes in modhex")
            }
        }

        func run() throws {
            let (slot, file) = (deviceOptions.slot ?? 0, try out.map { path throws(FileError) in try NewFile(path) })
            let report = try SlotAccess(global, deviceOptions).withSession { session, opened in
                try newCode.apply(to: session)
                let credential = try credential(for: session.device.serial, accessCode: session.accessCodeOfWrites)
                let report = YubicoOTPReport(
                    credential: credential, device: session.device, isVirtual: opened.isVirtual, slot: slot)
                // What cannot be printed is not written.
                let record = try report.record(format)
                try session.requireFree(slot, replaces: replace)
                let verification = try session.write(.yubicoOTP(credential), to: slot)
                global.console.note(
                    "wrote Yubico OTP to slot \(slot) of \(opened.attached.text); verified: \(verification.rawValue)")
                session.say(isProtected: slot, global.console)
                return (report, record)
            }
            do throws(FileError) {
                let text = global.json ? report.0.document : report.1
                if let file { try file.write(text) } else { try global.console.data(text) }
                try file?.commit()
            } catch {
                throw CommandFailure.unprinted(error, name: "slot \(slot)", isRecorded: false)
            }
            if let out { global.console.note("wrote the record to '\(out)'") }
        }

        private func credential(for serial: String?, accessCode: Secret?) throws -> YubicoOTPCredential {
            let random = World.current.random
            return try YubicoOTPCredential(
                publicID: try publicID.map(Self.bytes) ?? Self.publicID(of: serial),
                privateID: .random(count: YubicoOTPCredential.privateIDLength, from: random),
                key: .random(count: YubicoOTPCredential.keyLength, from: random), accessCode: accessCode)
        }

        /// Ids that begin with `vv` are those that users make themselves; Yubico's own begin with `cc`.
        private static func publicID(of serial: String?) throws -> [UInt8] {
            guard let number = serial.flatMap({ UInt32($0) }) else {
                let drawn = try Secret.random(count: MemoryLayout<UInt32>.size + 1, from: World.current.random)
                return [selfMade] + drawn.withBytes { [UInt8](copying: $0) }
            }
            return [selfMade, 0] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }

        private static let selfMade: UInt8 = 0xFF

        private static func bytes(modhex: String) throws -> [UInt8] {
            let bytes = try WipedBuffer(Array(modhex.utf8)).withBytes { text throws(FormatError) in
                try Modhex.decode(text)
            }
            guard (1...YubicoOTPCredential.publicIDRange.upperBound).contains(bytes.count) else {
                throw FormatError(.malformed, .publicIDLength, field: .publicID)
            }
            return bytes.withBytes { [UInt8](copying: $0) }
        }
    }

    struct Password: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "password", abstract: "Make a slot type a password that is the same each time.",
            discussion: """
                A password that is drawn at random is printed once, as the key does not give it back. The key types scan \
                codes: which letters they make is up to the layout that the computer is set to.
                """,
            version: Keyprov.version)

        @Option(
            name: .long, help: ArgumentHelp("Letters of a random password, 4 bits each: 16 to 38.", valueName: "number")
        )
        var length = 32

        @Option(
            name: .customLong("password-file"),
            help: ArgumentHelp(
                "Take the first line of a file instead, '-' for standard input: 1 to 38 characters.", valueName: "file")
        )
        var passwordFile: String?

        @Option(name: .long, help: "Layout of the computer's keyboard: modhex, letters that most share, or us.")
        var layout: StaticPassword.Layout?

        @Flag(name: .long, help: "Overwrite what the slot holds.")
        var replace = false

        @OptionGroup var newCode: NewAccessCodeOptions
        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        private static let lengthRange = 16...StaticPassword.lengthRange.upperBound
        private static let fileLimit = 4096

        mutating func validate() throws {
            try deviceOptions.requireSlot()
            guard Self.lengthRange.contains(length) else { throw ValidationError("--length takes 16 to 38") }
        }

        func run() throws {
            let slot = deviceOptions.slot ?? 0
            let text = try text()
            guard let password = StaticPassword(text, layout: layout ?? .modhex) else {
                throw CommandFailure.usage(
                    "the password has another length than 1 to 38, or characters that the layout does not have",
                    hints: ["--layout us has all printable ASCII characters"])
            }
            let (device, isVirtual, isProtected) = try SlotAccess(global, deviceOptions).withSession {
                session, opened in
                try session.requireFree(slot, replaces: replace)
                try newCode.apply(to: session)
                let verification = try session.write(.password(password), to: slot)
                global.console.note(
                    "wrote a password to slot \(slot) of \(opened.attached.text); verified: \(verification.rawValue)")
                session.say(isProtected: slot, global.console)
                return (session.device, opened.isVirtual, session.accessCodeOfWrites != nil)
            }
            do throws(FileError) {
                try say(text, slot, device, isVirtual, isProtected)
            } catch {
                throw CommandFailure.unprinted(error, name: "slot \(slot)", isRecorded: false)
            }
        }

        private func text() throws -> Secret {
            switch passwordFile {
            case nil: try StaticPassword.random(count: length, from: World.current.random)
            case "-"?: try World.current.terminal.readInput(limit: Self.fileLimit).firstLine
            case let file?: try Files.read(file, limit: Self.fileLimit).firstLine
            }
        }

        /// A password that came from a file is known there.
        private func say(
            _ text: Secret, _ slot: Int, _ device: DeviceInfo, _ isVirtual: Bool, _ isProtected: Bool
        ) throws(FileError) {
            guard global.json else {
                guard passwordFile == nil else { return }
                let line = WipedBuffer(capacity: text.count + 1)
                text.withBytes { line.append(contentsOf: $0) }
                line.append("\n")
                return try global.console.data(line)
            }
            try global.console.document { json in
                json.key("device")
                json.value(device, isVirtual: isVirtual)
                json.key("slot")
                json.value(slot)
                json.key("verified")
                json.value(Verification.writeOnly.rawValue)
                json.member(isProtected: isProtected)
                json.key("password")
                if passwordFile == nil { json.value(text) } else { json.null() }
            }
        }
    }
}

extension StaticPassword.Layout: ExpressibleByArgument {}

extension SlotProvisioning {
    /// A code that was meant for a slot as it was is one that the slot has now.
    fileprivate func say(isProtected slot: Int, _ console: Console) {
        if accessCodeOfWrites != nil { console.note(Phrases.isProtected(slot)) }
    }

    /// - Throws: `.alreadyExists` for a slot in use that is not to be overwritten.
    fileprivate func requireFree(_ slot: Int, replaces: Bool) throws(DeviceError) {
        guard !replaces else { return }
        guard try !list().contains(where: { $0.place == slot }) else { throw .alreadyExists }
    }
}
