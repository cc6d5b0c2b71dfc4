internal import ByteBuffers

/// Accounts of third parties in Duo Mobile's backup.
///
/// ```
/// [{"name":ACCOUNT,"otpGenerator":{"otpSecret":BASE32[,"counter":N]},"accountType":"OtpAccount",…}]
/// ```
///
/// With a counter it is HOTP; six digits and 30 seconds are all there is. Accounts of Duo itself hold no secret that can
/// be moved.
struct DuoMobileFormat: JSONImport {
    let name = "duo-mobile"
    let summary = "accounts of others in Duo Mobile's backup"
    let limits = FormatLimits(
        readBy: "Duo Mobile", algorithms: [.sha1], digits: [6], periods: .oneOf([30]), carried: [.account])

    static let members: [StaticString] = ["otpGenerator", "otpSecret"]

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard case .array(let entries) = root else { throw FormatError(.malformed, .noList) }
        return entries
    }

    func holdsCredential(_ entry: JSON) -> Bool {
        guard case .string(let type)? = entry["accountType"] else { return true }
        return type.withBytes { $0.equals(ascii: "OtpAccount") }
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let generator = entry["otpGenerator"], generator.isObject else {
            throw FormatError(.missing, .empty, field: .secret)
        }
        let counter = try generator.number("counter", .counter)
        let columns = OATHColumns(
            isCounted: counter != nil, secret: try generator.secret("otpSecret", Base32.decode), moving: counter)
        return TokenRecord(credential: try columns.credential(Label(account: entry.text("name", .account) ?? "")))
    }
}
