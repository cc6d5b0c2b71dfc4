import ArgumentParser
import MockDevices

struct Virtual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual", abstract: "Virtual keys: keys without hardware, for trying and testing.",
        discussion: "Their memory is a file under the state folder. Their serial numbers start with 99.",
        version: Keyprov.version,
        subcommands: [List.self, Create.self, Reset.self, Remove.self, Serve.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List virtual keys, and the models that there are.", version: Keyprov.version)

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let store = VirtualKeyStore(stateFolder: try global.stateFolder())
            let names = try store.names()
            guard global.json else {
                if names.isEmpty {
                    let models = Catalog.virtualModels.map(\.name).joined(separator: ", ")
                    global.console.note("there is no virtual key yet; models: \(models)")
                }
                for name in names { try global.console.data("\(name.text)  \(name.model.productName)\n") }
                return
            }
            try global.console.document { json in
                json.key("keys")
                json.array {
                    for name in names { json.object { name.members(json) } }
                }
                json.key("models")
                json.array { for model in Catalog.virtualModels { json.value(model.name) } }
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a virtual key.", version: Keyprov.version)

        @Argument(help: "MODEL or MODEL:LABEL.", completion: Catalog.virtualNames)
        var name: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let store = VirtualKeyStore(stateFolder: try global.stateFolder())
            let name = try VirtualKeyStore.Name(name)
            guard !store.exists(name) else { throw VirtualKeyFailure.exists(name.text) }
            let key = try store.load(name).key
            try global.say("made", name, serial: key.serial)
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset", abstract: "Wipe the memory of a virtual key.", version: Keyprov.version)

        @Argument(help: "MODEL or MODEL:LABEL.", completion: Catalog.virtualNames)
        var name: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let name = try VirtualKeyStore.Name(name)
            let serial = try VirtualKeyStore(stateFolder: global.stateFolder()).reset(name)
            try global.say("reset", name, serial: serial)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a virtual key and its memory.", version: Keyprov.version)

        @Argument(help: "MODEL or MODEL:LABEL.", completion: Catalog.virtualNames)
        var name: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let name = try VirtualKeyStore.Name(name)
            try VirtualKeyStore(stateFolder: global.stateFolder()).remove(name)
            try global.say("removed", name)
        }
    }
}

extension GlobalOptions {
    /// What was done to a virtual key.
    fileprivate func say(_ verb: String, _ name: VirtualKeyStore.Name, serial: UInt32? = nil) throws {
        let number = serial.map { ", serial \($0)" } ?? ""
        console.note("\(verb) virtual key \(name.text)\(number)")
        guard json else { return }
        try console.document { json in
            name.members(json)
            json.key("serial")
            json.value(serial.map { String($0) })
        }
    }
}

extension VirtualKeyStore.Name {
    fileprivate func members(_ json: JSONWriter) {
        json.key("name")
        json.value(text)
        json.key("model")
        json.value(model.productName)
    }
}
