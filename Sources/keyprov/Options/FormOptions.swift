import ArgumentParser
import SecretFormats

/// Options that say for which system the fields are printed, and what is known of the account there.
struct FormOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Labels, order and steps of a server or an app: a name that 'profiles' lists, or a FILE.profile "
                + "(default: \(Self.usual)).",
            valueName: "name"),
        completion: .custom { _, _, _ in (try? ProfileLibrary().names()) ?? [] })
    var profile: String?

    private static let usual = "generic"

    @Option(
        name: .long, help: ArgumentHelp("Language of the labels: en, uk.", valueName: "letters"),
        completion: .list(["en", "uk"]))
    var language = Language.english

    @Option(
        name: .customLong("url"),
        help: ArgumentHelp("Site that the account is for, where the form asks; may be repeated.", valueName: "url"))
    var urls: [String] = []

    @Option(
        name: .customLong("app"),
        help: ArgumentHelp("Program that it is for, where the form asks; may be repeated.", valueName: "name"))
    var apps: [String] = []

    @Option(name: .long, help: "Login name, where the form asks for one (default: the account name).")
    var login: String?

    /// The profile with what goes into it.
    ///
    /// - Throws: where there is no such profile or language, or where the form has no field for an option.
    func form() throws -> FilledForm {
        let plain = try FilledForm(named: profile ?? Self.usual)
        let profile = plain.profile
        guard profile.languages.contains(language) else {
            throw ProfileFailure.noLanguage(name: profile.name, known: profile.languages)
        }
        let names = Set(profile.fields.map(\.name))
        for (option, values, fields) in [
            ("--url", urls, [FieldName.urls, .sites]), ("--app", apps, [.apps, .sites]),
            ("--login", login.map { [$0] } ?? [], [.login]),
        ] where !values.isEmpty {
            guard !names.isDisjoint(with: fields) else {
                throw ProfileFailure.noField(option: option, name: profile.name)
            }
            let isList = option != "--login"
            guard values.allSatisfy({ Self.isUsable($0, separator: isList ? profile.separator : nil) }) else {
                throw ProfileFailure.unusableValue(option: option, separator: profile.separator)
            }
        }
        return FilledForm(
            profile: profile, origin: plain.origin, language: language, urls: urls, apps: apps, login: login)
    }

    /// The same of another profile than the chosen one.
    func form(of profile: String) throws -> FilledForm {
        var options = self
        options.profile = profile
        return try options.form()
    }

    /// Servers split at the separator and trim the parts; an empty part is an error there.
    private static func isUsable(_ text: String, separator: Character?) -> Bool {
        !text.isEmpty && TerminalText.safe(text) == text && !text.hasPrefix(" ") && !text.hasSuffix(" ")
            && !(separator.map(text.contains) ?? false)
    }
}

extension Language: ExpressibleByArgument {
    var defaultValueDescription: String { rawValue }
}

extension FilledForm {
    /// The profile of a name, with nothing filled in.
    init(named name: String) throws {
        let library = ProfileLibrary()
        let profile = try library.entry(name).profile()
        self.init(profile: profile, origin: try profile.secretOf.map { try library.entry($0.value).profile() })
    }

    /// Refuses what the system is known not to take, before anything is written, and warns of what is not known.
    ///
    /// - Parameter madeHere: the secret was made by this program, and so is in no server yet.
    func admit(_ credential: Credential, madeHere: Bool, _ console: Console) throws(ProfileFailure) {
        if madeHere, profile.role == .server {
            throw ProfileFailure.makesItsOwnSecret(name: profile.name, title: profile.title)
        }
        if madeHere, let origin {
            throw ProfileFailure.secretOfAnother(name: profile.name, title: profile.title, other: origin.name)
        }
        // What that server does not make was not copied in full.
        for parameter in try origin?.check(credential) ?? [] {
            console.warn(parameter.doubt(about: origin?.title ?? ""))
        }
        for parameter in try profile.check(credential) { console.warn(parameter.doubt(about: profile.title)) }
    }
}
