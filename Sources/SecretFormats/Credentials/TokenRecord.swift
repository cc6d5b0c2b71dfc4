/// A row of a server's file: what codes are made from, and the token that carries it.
public struct TokenRecord: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// HOTP or TOTP.
        case oath(Credential)
        case yubicoOTP(YubicoOTPCredential)
    }

    /// The token's serial number, as its maker prints it.
    public var serial: String?
    public var manufacturer: String?
    public var model: String?
    /// Whom the token is handed to, in the server's own naming.
    public var owner: String?
    /// Where the server looks the owner up: a realm or domain, and a resolver within it.
    public var realm: String?
    public var resolver: String?
    public var content: Content

    public init(
        serial: String? = nil, manufacturer: String? = nil, model: String? = nil, owner: String? = nil,
        realm: String? = nil, resolver: String? = nil, content: Content
    ) {
        self.serial = serial
        self.manufacturer = manufacturer
        self.model = model
        self.owner = owner
        self.realm = realm
        self.resolver = resolver
        self.content = content
    }

    public init(serial: String? = nil, model: String? = nil, owner: String? = nil, credential: Credential) {
        self.init(serial: serial, model: model, owner: owner, content: .oath(credential))
    }

    /// The HOTP or TOTP credential; nil for Yubico OTP.
    public var credential: Credential? {
        if case .oath(let credential) = content { credential } else { nil }
    }

    /// Whom the token is for: the owner, or the account where no owner is named. An account that is the serial number
    /// stands in for a name that a file did not have, so it is nobody's.
    var login: String? {
        if let owner { return owner }
        let account = credential?.label.account
        return account == serial ? nil : account
    }

    /// All fields that describe a record and change no code, in the order of a table.
    static let fields: [FormatError.Field] = [
        .issuer, .account, .serial, .manufacturer, .model, .owner, .realm, .resolver,
    ]

    /// A descriptive field as text; nil where there is none. The owner is the login, as that is what is written.
    func text(of field: FormatError.Field) -> String? {
        switch field {
        case .issuer: credential?.label.issuer
        case .account: credential?.label.account
        case .serial: serial
        case .manufacturer: manufacturer
        case .model: model
        case .owner: login
        case .realm: realm
        case .resolver: resolver
        default: nil
        }
    }
}

extension FormatError.Field {
    public static let serial: Self = "serial"
    public static let manufacturer: Self = "manufacturer"
    public static let model: Self = "model"
    public static let owner: Self = "owner"
    public static let realm: Self = "realm"
    public static let resolver: Self = "resolver"
}
