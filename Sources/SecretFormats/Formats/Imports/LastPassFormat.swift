internal import ByteBuffers

/// The export of LastPass Authenticator, version 3.
///
/// ```
/// {"version":3,"accounts":[{"issuerName":ISSUER,"userName":ACCOUNT,"secret":BASE32,"timeStep":30,"digits":6,
///   "algorithm":"SHA1",…}],"folders":[]}
/// ```
struct LastPassFormat: JSONImport {
    let name = "lastpass"
    let summary = "export of LastPass Authenticator"
    let limits = FormatLimits(readBy: "LastPass Authenticator", kinds: [.totp], carried: [.issuer, .account])

    static let members: [StaticString] = ["accounts", "issuerName", "timeStep"]
    private static let version: UInt64 = 3

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard try root.number("version", .schema) ?? Self.version <= Self.version else {
            throw FormatError(.unsupported, .otherVersion, field: .schema)
        }
        return try root.elements("accounts")
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let columns = OATHColumns(
            isCounted: false, secret: try entry.secret("secret", Base32.decode),
            algorithm: try entry.algorithm("algorithm"), digits: try entry.number("digits", .digits),
            moving: try entry.number("timeStep", .period))
        let issuer = try entry.text("issuerName", .issuer)
        let user = try entry.text("userName", .account)
        return TokenRecord(
            credential: try columns.credential(Label(issuer: user == nil ? nil : issuer, account: user ?? issuer ?? ""))
        )
    }
}
