import ArgumentParser
import KeyProvision
import SecretFormats

struct Credentials: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credentials", abstract: "What is on a key.", version: Keyprov.version,
        subcommands: [List.self, Rename.self, Delete.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the credentials of a key.", version: Keyprov.version)

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        func run() throws {
            let console = global.console
            try DeviceAccess(global: global, options: deviceOptions).withSession(for: [.list]) { opened in
                try opened.features.require(slot: deviceOptions.slot)
                let stored = try opened.session.list()
                if global.json {
                    return try console.document { json in
                        json.key("device")
                        json.value(opened.session.device, isVirtual: opened.isVirtual)
                        json.key("capacity")
                        if let capacity = opened.session.capacity { json.value(capacity) } else { json.null() }
                        json.key("hidden_behind")
                        json.value(opened.hidingPIN?.rawValue)
                        json.key("credentials")
                        json.array { stored.forEach(json.value) }
                    }
                }
                let count =
                    opened.session.capacity.map { "\(stored.count) of \($0) credentials" }
                    ?? Phrases.count(stored.count, "credential")
                let hidden = opened.hidingPIN.map { Phrases.without(behind: $0) } ?? ""
                console.note("\(opened.attached.text): \(count)" + hidden)
                try console.data(stored.map(Self.line).joined())
            }
        }

        private static func line(_ stored: StoredCredential) -> String {
            let algorithm = stored.algorithm?.rawValue ?? "?"
            let kind =
                switch stored.kind {
                case .totp(let period): "totp \(algorithm) \(period) s"
                case .hotp: "hotp \(algorithm)"
                case .reverseHOTP: "reverse-hotp \(algorithm), a computer's"
                case .unknown: "kind not told"
                }
            return "\(TerminalText.safe(stored.name))  (\(kind))\n"
        }
    }

    struct Rename: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename",
            abstract: "Give a credential another name. Its secret and its codes stay.", version: Keyprov.version)

        @Argument(help: "The name as 'credentials list' shows it.")
        var name: String

        @Option(name: .long, help: "New issuer; empty for none. Left out, it stays.")
        var issuer: String?

        @Option(name: .long, help: "New account name. Left out, it stays.")
        var account: String?

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws {
            if issuer == nil, account == nil { throw ValidationError("say the new --issuer, --account, or both") }
        }

        func run() throws {
            let console = global.console
            try DeviceAccess(global: global, options: deviceOptions).withSession(for: [.list, .rename]) { opened in
                let all = try opened.session.list()
                let stored = try StoredCredentials(all, hidingPIN: opened.hidingPIN).exactly(name)
                let newIssuer = issuer.map { $0.isEmpty ? nil : $0 } ?? stored.issuer
                let label = try Label(issuer: newIssuer, account: account ?? stored.account)
                guard !all.contains(where: { $0.name == label.text }) else {
                    throw CredentialFailure.nameInUse(label.text)
                }
                try opened.session.rename(stored, to: label)
                console.note("renamed '\(stored.name)' to '\(label.text)' on \(opened.attached.text)")
                guard global.json else { return }
                try console.document { json in
                    json.key("device")
                    json.value(opened.session.device, isVirtual: opened.isVirtual)
                    json.key("from")
                    json.value(stored.name)
                    json.key("to")
                    json.value(label.text)
                }
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a credential. Its secret is gone from the key.", version: Keyprov.version)

        @Argument(help: "The name as 'credentials list' shows it; not needed with --slot.")
        var name: String?

        @OptionGroup(title: "Key") var deviceOptions: DeviceOptions
        @OptionGroup var global: GlobalOptions

        mutating func validate() throws {
            // A name beside a slot could mean another one.
            guard (name == nil) == (deviceOptions.slot != nil) else { throw ValidationError("say a name or a --slot") }
        }

        func run() throws {
            let console = global.console
            try DeviceAccess(global: global, options: deviceOptions).withSession(for: [.list, .delete]) { opened in
                let all = StoredCredentials(try opened.session.list(), hidingPIN: opened.hidingPIN)
                let stored = try name.map(all.exactly) ?? all.only(inSlot: deviceOptions.slot)
                if opened.features.deletionEmptiesPlace { console.warn(Phrases.deletionEmptiesPlace) }
                try opened.session.delete(stored)
                console.note("deleted '\(stored.name)' from \(opened.attached.text)")
                guard global.json else { return }
                try console.document { json in
                    json.key("device")
                    json.value(opened.session.device, isVirtual: opened.isVirtual)
                    json.key("deleted")
                    json.value(stored)
                }
            }
        }
    }
}
