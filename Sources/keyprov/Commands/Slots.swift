import ArgumentParser
import KeyProvision
import SecretFormats

struct Slots: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slots", abstract: "The OTP slots of a YubiKey, beside its OATH application.",
        discussion: """
            TOTP and HOTP go into a slot with 'keyprov enroll --slot'. A key does not tell whether a slot has an access code: \
            what is written with --access-code-file has that code afterwards, with --new-access-code-file the new one, \
            and with neither none.
            """, version: Keyprov.version,
        subcommands: [
            List.self, Swap.self, Delete.self, Protect.self, Unprotect.self, YubicoOTP.self, Password.self,
        ], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Tell what each slot holds, as far as the key says it.",
            version: Keyprov.version)

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        func run() throws {
            let console = global.console
            try SlotAccess(global, deviceOptions).withSession { session, opened in
                try opened.features.require(slot: deviceOptions.slot)
                let stored = try session.list()
                let numbers = 1...max(session.capacity ?? 1, 1)
                let shown = numbers.filter { number in deviceOptions.slot.map { $0 == number } ?? true }
                let slots = shown.map { number in SlotState(number, stored.first { $0.place == number }) }
                if global.json {
                    return try console.document { json in
                        json.key("device")
                        json.value(session.device, isVirtual: opened.isVirtual)
                        json.key("slots")
                        json.array { for slot in slots { json.object { slot.members(json) } } }
                    }
                }
                console.note(opened.attached.text)
                try console.data(slots.map(\.line).joined())
            }
        }
    }

    struct Swap: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "swap", abstract: "Exchange the two slots; each keeps its access code.",
            version: Keyprov.version)

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws {
            guard deviceOptions.slot == nil else { throw ValidationError("a swap takes both slots: leave out --slot") }
        }

        func run() throws {
            try SlotAccess(global, deviceOptions).change("swapped the slots of") { session in
                try session.swapSlots()
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete what a slot holds. It is gone from the key.",
            version: Keyprov.version)

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws { try deviceOptions.requireSlot() }

        func run() throws {
            let slot = deviceOptions.slot
            try SlotAccess(global, deviceOptions).change("deleted slot \(slot ?? 0) of") { session in
                try session.delete(try StoredCredentials(try session.list()).only(inSlot: slot))
            }
        }
    }

    struct Protect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "protect", abstract: "Give a slot an access code, or another one, and leave what it holds.",
            discussion: """
                Whoever wants to overwrite, delete or change the slot needs the code from then on. A slot whose code is \
                lost cannot be written again, not even by a reset. Typing options become those that keyprov writes.
                """,
            version: Keyprov.version)

        @OptionGroup var newCode: NewAccessCodeOptions
        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws {
            try deviceOptions.requireSlot()
            guard newCode.file != nil else { throw ValidationError("say the --new-access-code-file") }
        }

        func run() throws {
            let (slot, code) = (deviceOptions.slot ?? 0, try newCode.read())
            try SlotAccess(global, deviceOptions).change("protected slot \(slot) of") { session in
                try session.protect(slot: slot, with: code)
            }
        }
    }

    struct Unprotect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unprotect", abstract: "Remove the access code of a slot and leave what it holds.",
            version: Keyprov.version)

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws { try deviceOptions.requireSlot() }

        func run() throws {
            let slot = deviceOptions.slot ?? 0
            try SlotAccess(global, deviceOptions).change("removed the access code of slot \(slot) of") { session in
                try session.protect(slot: slot, with: nil)
            }
        }
    }
}

extension DeviceOptions {
    func requireSlot() throws {
        guard slot != nil else { throw ValidationError("say which --slot") }
    }
}

/// Where the code comes from that protects a slot from now on.
struct NewAccessCodeOptions: ParsableArguments {
    @Option(
        name: .customLong("new-access-code-file"),
        help: ArgumentHelp(
            "Protect the slot with the code in the first line of a file: 12 hexadecimal digits.", valueName: "file"))
    var file: String?

    private static let limit = 4096

    /// nil where none is asked for.
    func read() throws -> Secret? {
        try file.map { path throws(FileError) in try Files.read(path, limit: Self.limit).firstLine }
    }

    /// Has the next write protect its slot.
    func apply(to session: any ProvisioningSession) throws {
        guard let code = try read() else { return }
        guard let slots = session as? any SlotProvisioning else { throw DeviceError.notSupported(.slotCodes) }
        try slots.protectWrites(with: code)
    }
}
