/// A row of a server's file: a credential and the token that carries it.
public struct TokenRecord: Equatable, Sendable {
    /// The token's serial number, as its maker prints it.
    public var serial: String?
    public var model: String?
    /// Whom the token is handed to, in the server's own naming.
    public var owner: String?
    public var credential: Credential

    public init(serial: String? = nil, model: String? = nil, owner: String? = nil, credential: Credential) {
        self.serial = serial
        self.model = model
        self.owner = owner
        self.credential = credential
    }
}
