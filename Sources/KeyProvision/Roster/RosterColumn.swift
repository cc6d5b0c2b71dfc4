/// What a roster can say of an entry: a column of a table, a member of a JSON object.
public enum RosterColumn: String, CaseIterable, Sendable {
    case account, issuer, name, email, department, serial, slot, profile, quantity, copy

    /// Names that people and directories have for it, `rawValue` among them, as `folded` leaves them.
    public var names: [String] {
        switch self {
        case .account: ["account", "user", "username", "login", "uid", "samaccountname", "userprincipalname"]
        case .issuer: ["issuer", "service"]
        case .name: ["name", "owner", "fullname", "displayname", "cn"]
        case .email: ["email", "emailaddress", "mail"]
        case .department: ["department", "dept", "ou", "unit"]
        case .serial: ["serial", "serialnumber", "serialno"]
        case .slot: ["slot"]
        case .profile: ["profile"]
        case .quantity: ["quantity", "qty", "keys"]
        case .copy: ["copy"]
        }
    }

    /// The column of a name in any case, with spaces, hyphens, underscores and full stops anywhere.
    public init?(named name: String) {
        let folded = Self.folded(name)
        guard let column = Self.allCases.first(where: { $0.names.contains(folded) }) else { return nil }
        self = column
    }

    /// The name of a column that one that is not known is perhaps a slip of; short names are like too many words.
    static func name(like name: String) -> String? {
        let names = allCases.flatMap(\.names).filter { $0.count > Spelling.likelyErrors * 2 }
        return Spelling.likeliest(of: names, for: folded(name))
    }

    private static let separators: Set<Character> = [" ", "-", "_", "."]

    private static func folded(_ name: String) -> String {
        String(name.lowercased().filter { !separators.contains($0) })
    }

    /// Bytes of UTF-8. A name at a server or on paper has no more than one of its lines, a number on a key is short.
    public var longestText: Int {
        switch self {
        case .account, .issuer, .name, .email, .department: 256
        case .serial, .profile: 64
        case .slot, .quantity, .copy: 8
        }
    }

    /// Of a column of numbers; nil where it holds text.
    ///
    /// Which slots there are is the key's business; the bound is that of a byte. More than a hundred keys for one person are
    /// taken for a mistake.
    public var range: ClosedRange<Int>? {
        switch self {
        case .slot: 0...255
        case .quantity, .copy: 1...100
        default: nil
        }
    }
}
