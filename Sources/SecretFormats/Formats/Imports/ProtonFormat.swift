internal import ByteBuffers

/// The export of Proton Authenticator.
///
/// ```
/// {"version":1,"entries":[{"id":…,"content":{"uri":OTPAUTH URI,"entry_type":"Totp","name":ACCOUNT},"note":null}]}
/// ```
struct ProtonFormat: JSONImport {
    let name = "proton"
    let summary = "export of Proton Authenticator"
    let limits = FormatLimits(readBy: "Proton Authenticator", kinds: [.totp], carried: [.issuer, .account])

    static let members: [StaticString] = ["entries", "entry_type", "uri"]
    private static let version: UInt64 = 1

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard try root.number("version", .schema) ?? Self.version <= Self.version else {
            throw FormatError(.unsupported, .otherVersion, field: .schema)
        }
        return try root.elements("entries")
    }

    func leftOut(of entry: JSON) -> Set<FormatError.Field> {
        var fields: Set<FormatError.Field> = []
        if case .string(let note)? = entry["note"], !note.isEmpty { fields.insert(.note) }
        if case .string(let uri)? = entry["content"]?["uri"] { fields.formUnion(uri.withBytes(LoginTOTP.leftOut)) }
        return fields
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let content = entry["content"], case .string(let uri)? = content["uri"] else {
            throw FormatError(.missing, .empty, field: .secret)
        }
        guard try content.text("entry_type", .type)?.lowercased() == "totp" else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        let account = try content.text("name", .account)
        return try uri.withBytes { (uri: RawSpan) throws(FormatError) in
            try LoginTOTP.record(uri, title: nil, user: account)
        }
    }
}
