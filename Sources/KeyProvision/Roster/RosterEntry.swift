/// One key that is to be made: for whom, and on which key where that is decided already.
///
/// A person with spare keys has an entry for each; every entry gets a secret of its own.
public struct RosterEntry: Hashable, Sendable {
    /// The name at the server.
    public var account: String
    /// Nil where the batch has one for all.
    public var issuer: String?
    /// From 1: the first key of this account, the second one, …
    public var copy: Int
    /// The person's name as it stands on paper.
    public var owner: String?
    public var email: String?
    public var department: String?
    /// The serial number of the key that is meant; nil takes the next one.
    public var serial: String?
    /// For keys with numbered places.
    public var slot: Int?
    /// The server's profile, where it is not the batch's.
    public var profile: String?

    public init(
        account: String, issuer: String? = nil, copy: Int = 1, owner: String? = nil, email: String? = nil,
        department: String? = nil, serial: String? = nil, slot: Int? = nil, profile: String? = nil
    ) {
        self.account = account
        self.issuer = issuer
        self.copy = copy
        self.owner = owner
        self.email = email
        self.department = department
        self.serial = serial
        self.slot = slot
        self.profile = profile
    }
}
