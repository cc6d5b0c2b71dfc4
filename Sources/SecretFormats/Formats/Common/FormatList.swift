/// The formats this library knows.
public enum FormatList {
    /// The one list: commands, completions and conformance tests go through it.
    public static let all: [any SecretFormat] =
        [
            OTPAuthFormat(), MigrationFormat(), Base32Format(), PrivacyIDEAFormat(), PrivacyIDEAUsersFormat(),
            LinOTPFormat(),
            EntraFormat.entra, EntraFormat.helloID, NetIQFormat(), MultiOTPFormat(), RCDevsFormat(), UsersFileFormat(),
            GoogleAuthenticatorFormat(), FreeRADIUSFormat(), FreeIPAFormat(), OpenLDAPFormat(),
            KeycloakFormat(), AutheliaFormat(), YubicoFormat(), OktaYubiKeyFormat(),
            YKKSMFormat(), YubicoTraditionalFormat(), DuoYubiKeyFormat(), EntraGraphFormat(), AegisFormat(),
            AndOTPFormat(), TwoFASFormat(), StratumFormat(), FreeOTPPlusFormat(), BitwardenFormat(),
            BitwardenCSVFormat(), KeePassFormat(), EnteFormat(), LastPassFormat(), RaivoFormat(), ProtonFormat(),
            DuoMobileFormat(),
        ] + SerialAndKeyFormat.duo + SerialAndKeyFormat.pingID + PSKCFormat.all

    public static func named(_ name: String) -> (any SecretFormat)? { all.first { $0.name == name } }

    /// The formats that a file with this start may be in; several where nothing in the file tells them apart.
    public static func candidates(for start: RawSpan) -> [any SecretFormat] {
        all.filter { $0.isReadable && $0.family == $0.name && $0.recognizes(start) }
    }
}
