import ArgumentParser
import DirectoryExchange
import KeyProvision
import SecretFormats

/// Where the roster is.
struct RosterOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The roster in CSV or JSON, '-' for standard input.", valueName: "roster"))
    var file: String?

    @Option(
        name: .customLong("from-ldap"),
        help: ArgumentHelp("Search a directory instead: ldap (with StartTLS), ldaps or ldapi.", valueName: "url"))
    var directory: String?

    @Option(name: .long, help: ArgumentHelp("Where in the directory the people are.", valueName: "dn"))
    var base: String?

    @Option(
        name: .long, help: ArgumentHelp("Which of its entries; default \(Self.defaultFilter).", valueName: "filter"))
    var filter: String?

    @Option(name: .customLong("bind-dn"), help: ArgumentHelp("Log in to the directory as this one.", valueName: "dn"))
    var bindName: String?

    @Option(
        name: .customLong("bind-password-file"),
        help: ArgumentHelp("Its password is the first line of this file; asked for if not given.", valueName: "file"))
    var bindPasswordFile: String?

    @Option(
        name: .customLong("ldap-attribute"),
        help: ArgumentHelp(
            "Take a column from this attribute, as account=sAMAccountName; may be repeated, the first one with a value "
                + "counts.", valueName: "column=name"))
    var attributes: [DirectoryColumn] = []

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("Trust these authorities for the directory, instead of the system's.", valueName: "file"))
    var authorityFile: String?

    @Option(
        name: .customLong("ldap-certificate"),
        help: ArgumentHelp(
            "Log in to the directory with this certificate (PEM), as whom the server takes it for.", valueName: "file"))
    var certificateFile: String?

    @Option(
        name: .customLong("ldap-key"),
        help: ArgumentHelp(
            "Its private key (PEM, without a passphrase), where that is in another file.", valueName: "file"))
    var certificateKeyFile: String?

    @Flag(
        name: .customLong("no-starttls"),
        help: "Do not encrypt ldap://; anybody on the way can read and change the roster. Without a password only.")
    var omitsTLS = false

    private static let defaultFilter = "(objectClass=person)"

    mutating func validate() throws {
        guard file == nil || directory == nil else {
            throw ValidationError("a roster and --from-ldap exclude each other")
        }
        guard let directory else {
            let others = [
                base, filter, bindName, bindPasswordFile, authorityFile, certificateFile, certificateKeyFile,
            ]
            guard others.allSatisfy({ $0 == nil }), attributes.isEmpty, !omitsTLS else {
                throw ValidationError(
                    "--base, --filter, --bind-dn, --bind-password-file, --ldap-attribute, --ca-file, --ldap-certificate, "
                        + "--ldap-key and --no-starttls belong to --from-ldap")
            }
            return
        }
        guard DirectoryRequest.canOpen(directory) else {
            throw ValidationError(
                "--from-ldap takes one URL, without spaces and commas, that begins with ldap://, ldaps:// or ldapi://")
        }
        guard base != nil else { throw ValidationError("--from-ldap needs --base, as 'ou=people,dc=example,dc=com'") }
        guard bindPasswordFile == nil || bindName != nil else {
            throw ValidationError("--bind-password-file belongs to --bind-dn")
        }
        if omitsTLS, bindName != nil {
            throw ValidationError("--no-starttls and --bind-dn exclude each other: the password would be sent in clear")
        }
        guard certificateKeyFile == nil || certificateFile != nil else {
            throw ValidationError("--ldap-key belongs to --ldap-certificate")
        }
        if certificateFile != nil, omitsTLS || request?.isLocal ?? false {
            throw ValidationError("--ldap-certificate needs an encrypted connection: not ldapi://, nor --no-starttls")
        }
    }

    var isGiven: Bool { file != nil || directory != nil }

    /// The name of the file, without its ending; nil for what is no file.
    var fileStem: String? {
        guard let file, file != "-", let name = file.split(separator: "/").last else { return nil }
        let stem = name.split(separator: ".").first ?? name
        return String(stem)
    }

    /// What the directory is asked; nil for a file.
    var request: DirectoryRequest? {
        guard let directory, let base else { return nil }
        var request = DirectoryRequest(
            url: directory, base: base, filter: filter ?? Self.defaultFilter,
            attributes: DirectoryColumn.complete(attributes))
        request.bindName = bindName
        request.authorityFile = authorityFile
        request.identity = certificateFile.map {
            DirectoryRequest.Identity(certificateFile: $0, keyFile: certificateKeyFile ?? $0)
        }
        request.startsTLS = !omitsTLS
        return request
    }

    /// Of `bindName`.
    ///
    /// - Throws: `.noPassword` where nobody can be asked, or nothing was typed.
    func password() throws -> Secret? {
        guard let bindName else { return nil }
        let password =
            if let bindPasswordFile {
                try Files.read(bindPasswordFile, limit: DirectoryRequest.longestPassword).firstLine
            } else {
                try World.current.terminal.askForSecret("Password of \(TerminalText.safe(bindName)): ")
            }
        guard let password, password.count > 0 else { throw RosterFailure.noPassword(bindName) }
        return password
    }
}

/// A column of the roster and the attribute that it comes from.
struct DirectoryColumn: ExpressibleByArgument, Hashable {
    let column: RosterColumn
    let attribute: String

    init(_ column: RosterColumn, _ attribute: String) { (self.column, self.attribute) = (column, attribute) }

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map { String($0) }
        guard parts.count == 2, let name = parts.first, let attribute = parts.last,
            let column = RosterColumn(named: name), attribute.utf8.allSatisfy(Self.isLetter)
        else { return nil }
        self.init(column, attribute)
    }

    /// An attribute description: letters, digits, hyphens, options after semicolons, or numbers with full stops (RFC 4512
    /// section 2.5).
    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: ";"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Of inetOrgPerson (RFC 2798).
    private static let defaults = [
        DirectoryColumn(.account, "uid"), DirectoryColumn(.name, "displayName"), DirectoryColumn(.name, "cn"),
        DirectoryColumn(.email, "mail"), DirectoryColumn(.department, "department"),
        DirectoryColumn(.department, "ou"),
    ]

    /// Those that were chosen, and the defaults of the other columns.
    static func complete(_ chosen: [DirectoryColumn]) -> [DirectoryRequest.Attribute] {
        let rest = defaults.filter { column in !chosen.contains { $0.column == column.column } }
        return (chosen + rest).map { DirectoryRequest.Attribute(column: $0.column.rawValue, name: $0.attribute) }
    }
}
