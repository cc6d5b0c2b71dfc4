public import SecretFormats

/// What is wrong with a roster, and where. Of its contents it holds an account at most: what stands in place of the names of
/// columns may be a file of secrets that was named by mistake.
public struct RosterError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The source failed, and keeps why.
        case unreadable
        /// Not UTF-8.
        case notText
        /// There is no entry.
        case empty
        /// It breaks the rules of CSV or JSON.
        case malformed(FormatError.Reason)
        /// A column with a name that is not known, counted from 1; the known name that it is perhaps a slip of.
        case unknownColumn(number: Int, perhaps: String?)
        /// The same of a member of a JSON object.
        case unknownMember(number: Int, perhaps: String?)
        /// A column of a table without a name.
        case namelessColumn(number: Int)
        /// Two columns for the same.
        case duplicateColumn
        /// A row with another number of cells than the first one.
        case cellCount(Int, expected: Int)
        /// What every entry needs.
        case missing
        case notANumber
        case outOfRange(ClosedRange<Int>)
        /// A control character or line break; its position, from 1.
        case controlCharacter(position: Int)
        /// Bytes of UTF-8.
        case tooLong(limit: Int)
        /// In JSON: a list, an object, or a number where text belongs.
        case otherKind
        /// Not together with this column.
        case excluded(by: RosterColumn)
        /// The same stands at another place already.
        case duplicate(of: RosterPlace)
        /// What the chosen keys or the server's profile do not take.
        case objection(RosterObjection)
    }

    public let kind: Kind
    public let column: RosterColumn?
    /// nil for the roster as a whole.
    public let place: RosterPlace?
    /// Whose entry it is, where that was read.
    public let account: String?

    public init(_ kind: Kind, _ column: RosterColumn? = nil, at place: RosterPlace? = nil, account: String? = nil) {
        self.kind = kind
        self.column = column
        self.place = place
        self.account = account
    }
}

/// Where an entry stands.
public struct RosterPlace: Hashable, Sendable {
    /// Counted from 1; that of the first one where it goes over several.
    public let line: Int
    /// Rows or objects with an entry, counted from 1; nil for the row with the names of the columns.
    public let row: Int?

    public init(line: Int, row: Int?) {
        self.line = line
        self.row = row
    }
}

/// Why an entry that is well-formed cannot be carried out.
public enum RosterObjection: Error, Hashable, Sendable {
    /// Issuer and account make no label.
    case label(FormatError)
    /// The keys do not take it.
    case device(DeviceError)
    case unknownProfile(String)
    /// The profile's system does not take it, in the words for people.
    case profile(reason: String)
}
