/// What `keyprov-directory` is asked for, as its arguments. A password is none of them: it comes on the standard input.
///
/// ```
/// url=ldap://ldap.example.com    ldap (with StartTLS), ldaps or ldapi
/// base=dc=example,dc=com
/// filter=(objectClass=person)    RFC 4515
/// bind=cn=reader,dc=example,dc=com    without it anonymous, or SASL EXTERNAL for ldapi
/// ca=FILE                        certificates of authorities, PEM
/// certificate=FILE               whom we are, PEM; logs in by SASL EXTERNAL where there is no bind
/// key=FILE                       its private key, PEM, perhaps the same file
/// tls=no                         no StartTLS
/// page=500                       entries that are asked for at a time
/// attribute=name:displayName     a column and where it comes from; the first one that has a value counts
/// ```
public struct DirectoryRequest: Hashable, Sendable {
    public struct Attribute: Hashable, Sendable {
        public let column: String
        /// In the directory; its capital and small letters do not count.
        public let name: String

        public init(column: String, name: String) { (self.column, self.name) = (column, name) }
    }

    /// A certificate and its private key, in one file or two.
    public struct Identity: Hashable, Sendable {
        public let certificateFile: String
        public let keyFile: String

        public init(certificateFile: String, keyFile: String) {
            (self.certificateFile, self.keyFile) = (certificateFile, keyFile)
        }
    }

    public var url: String
    public var base: String
    public var filter: String
    /// nil for nobody, or for whom the socket knows.
    public var bindName: String?
    public var authorityFile: String?
    /// Our own certificate; nil for none.
    public var identity: Identity?
    public var startsTLS = true
    public var pageLength: Int
    public var attributes: [Attribute]

    /// What directories of people give willingly; Active Directory gives 1,000 at most.
    public static let defaultPageLength = 500
    public static let pageRange = 1...10_000
    /// A password in bytes of UTF-8.
    public static let longestPassword = 4096
    /// More entries than any roster has: what an answer without an end is cut off at.
    public static let mostEntries = 1_000_000

    public init(
        url: String, base: String, filter: String, attributes: [Attribute], pageLength: Int = defaultPageLength
    ) {
        self.url = url
        self.base = base
        self.filter = filter
        self.attributes = attributes
        self.pageLength = pageLength
    }

    /// Whether the connection is one of this machine.
    public var isLocal: Bool { Self.hasScheme("ldapi", url) }
    /// Whether the connection is encrypted from its start.
    public var isEncrypted: Bool { Self.hasScheme("ldaps", url) }

    /// Whether it is one URL, of one of the three schemes. libldap takes a space or a comma for the end of one and the start
    /// of the next, which need not be encrypted as the first one is.
    public static func canOpen(_ url: String) -> Bool {
        ["ldap", "ldaps", "ldapi"].contains { hasScheme($0, url) } && url.utf8.allSatisfy(isPartOfURL)
    }

    /// Printable, and not what has to be written as `%20` and `%2C`.
    private static func isPartOfURL(_ byte: UInt8) -> Bool {
        byte > UInt8(ascii: " ") && byte < 0x7F && byte != UInt8(ascii: ",")
    }

    private static func hasScheme(_ scheme: String, _ url: String) -> Bool {
        url.lowercased().hasPrefix(scheme + "://")
    }

    public var arguments: [String] {
        var words = ["url=\(url)", "base=\(base)", "filter=\(filter)", "page=\(pageLength)"]
        if let bindName { words.append("bind=\(bindName)") }
        if let authorityFile { words.append("ca=\(authorityFile)") }
        if let identity { words += ["certificate=\(identity.certificateFile)", "key=\(identity.keyFile)"] }
        if !startsTLS { words.append("tls=no") }
        return words + attributes.map { "attribute=\($0.column):\($0.name)" }
    }

    /// nil for arguments that `arguments` does not make.
    public init?(arguments: some Sequence<String>) {
        self.init(url: "", base: "", filter: "", attributes: [])
        var (certificate, certificateKey): (String?, String?)
        for argument in arguments {
            guard let (key, value) = Self.split(argument, at: "=") else { return nil }
            switch key {
            case "url": url = value
            case "base": base = value
            case "filter": filter = value
            case "bind": bindName = value
            case "ca": authorityFile = value
            case "certificate": certificate = value
            case "key": certificateKey = value
            case "tls" where value == "no": startsTLS = false
            case "page":
                guard let length = Int(value), Self.pageRange.contains(length) else { return nil }
                pageLength = length
            case "attribute":
                guard let (column, name) = Self.split(value, at: ":") else { return nil }
                attributes.append(Attribute(column: column, name: name))
            default: return nil
            }
        }
        switch (certificate, certificateKey) {
        case (let certificate?, let key?): identity = Identity(certificateFile: certificate, keyFile: key)
        case (nil, nil): break
        default: return nil
        }
        guard Self.canOpen(url), !filter.isEmpty, !attributes.isEmpty else { return nil }
    }

    private static func split(_ text: String, at separator: Character) -> (String, String)? {
        guard let index = text.firstIndex(of: separator) else { return nil }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}
