internal import ByteBuffers

/// The list of accounts in Raivo's export, which comes as an encrypted ZIP and has to be taken out of it first.
///
/// ```
/// [{"kind":"TOTP","issuer":ISSUER,"account":ACCOUNT,"secret":BASE32,"algorithm":"SHA1","digits":"6","timer":"30",
///   "counter":"0",…}]
/// ```
///
/// Numbers are texts.
struct RaivoFormat: JSONImport {
    let name = "raivo"
    let summary = "list of accounts out of Raivo's ZIP"
    let limits = FormatLimits(readBy: "Raivo", carried: [.issuer, .account])

    static let members: [StaticString] = ["kind", "timer", "issuer", "account"]

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard case .array(let entries) = root else { throw FormatError(.malformed, .noList) }
        return entries
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let isCounted = try entry.isCounted("kind")
        let columns = OATHColumns(
            isCounted: isCounted, secret: try entry.secret("secret", Base32.decode),
            algorithm: try entry.algorithm("algorithm"), digits: try entry.number("digits", .digits),
            moving: isCounted ? try entry.requiredCounter("counter") : try entry.number("timer", .period))
        return TokenRecord(
            credential: try columns.credential(
                Label(issuer: entry.text("issuer", .issuer), account: entry.text("account", .account) ?? "")))
    }
}
