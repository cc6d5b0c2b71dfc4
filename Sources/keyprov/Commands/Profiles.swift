import ArgumentParser

struct Profiles: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List the systems whose forms, limits and steps are known, or show one.",
        discussion: "A file of your own stands in the folder keyprov/profiles of the configuration, or is named.",
        version: Keyprov.version)

    @Argument(
        help: ArgumentHelp("The one to show: a name, or a FILE.profile.", valueName: "name"),
        completion: .custom { _, _, _ in (try? ProfileLibrary().names()) ?? [] })
    var name: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Say whether a file is a profile, and if not, on which line.", valueName: "file"),
        completion: .file(extensions: ["profile"]))
    var check: String?

    @Flag(name: .long, help: "Print the profile's file, to begin one of your own with.")
    var raw = false

    @OptionGroup var global: GlobalOptions

    mutating func validate() throws {
        if check != nil, name != nil { throw ValidationError("--check and a name exclude each other") }
        if raw, name == nil { throw ValidationError("--raw needs the name of a profile") }
        if raw, global.json { throw ValidationError("--raw and --json exclude each other") }
    }

    func run() throws {
        if let check { return try tell(check) }
        if let name { return try show(name) }
        try list()
    }

    private func tell(_ path: String) throws {
        let profile = try ProfileLibrary.file(path).profile()
        global.console.note("'\(path)' is a profile: \(profile.title)")
        if global.json { try global.console.document { $0.document(profile, path: path) } }
    }

    private func show(_ name: String) throws {
        let entry = try ProfileLibrary().entry(name)
        let profile = try entry.profile()
        if raw { return try global.console.data(String(decoding: entry.text, as: UTF8.self)) }
        guard global.json else { return try global.console.data(ProfilePage.text(of: profile)) }
        try global.console.document { $0.document(profile, path: entry.path) }
    }

    private func list() throws {
        let library = ProfileLibrary()
        var profiles: [(profile: Profile, path: String?)] = []
        for name in try library.names() {
            let entry = try library.entry(name)
            do throws(ProfileFailure) {
                profiles.append((try entry.profile(), entry.path))
            } catch {
                // The others are listed all the same.
                global.console.warn(Diagnosis(error).message)
            }
        }
        guard global.json else { return try global.console.data(ProfilePage.list(profiles)) }
        try global.console.document { json in
            json.key("profiles")
            json.array { for (profile, path) in profiles { json.value(profile, path: path) } }
        }
    }
}
