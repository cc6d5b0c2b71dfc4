internal import ByteBuffers

/// Users of Keycloak with their one-time passwords, for its partial import and as its export has them.
///
/// ```
/// {"users":[{"username":OWNER,"enabled":true,"credentials":[
///   {"type":"otp","userLabel":SERIAL,"secretData":"{\"value\":BASE32}",
///    "credentialData":"{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,
///                       \"algorithm\":\"HmacSHA1\",\"secretEncoding\":\"BASE32\"}"}]}]}
/// ```
///
/// The two texts are JSON in their turn. Without `secretEncoding` the bytes of the value are the key, as Keycloak has it
/// for secrets of its own (OTPCredentialModel). Digits are those that its policy offers; the counter is a Java int.
/// The label is what tells a user's devices apart, so the serial number goes there.
///
/// Keycloak adds users and never a credential to one that it has, so a second record of an owner is refused.
struct KeycloakFormat: JSONFormat {
    let name = "keycloak"
    let summary = "users of Keycloak with their one-time passwords, for a partial import"
    let limits = FormatLimits(
        readBy: "Keycloak", digits: [6, 8], counters: 0...UInt64(Int32.max), carried: [.serial], required: [.owner])

    static let members: [StaticString] = ["username", "credentials"]
    private static let hashes: [String: HashAlgorithm] = [
        "HmacSHA1": .sha1, "HmacSHA256": .sha256, "HmacSHA512": .sha512,
    ]
    private static let user: StaticString = "user"
    private static let credential: StaticString = "credential"

    /// A pair of user and credential for each one-time password. A user alone stands for what there is beside them.
    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        let users = root["users"] == nil && root["username"] != nil ? [root] : try root.elements("users")
        var entries: [JSON] = []
        for user in users {
            guard user["credentials"] != nil else { continue }
            for credential in try user.elements("credentials") where try credential.text("type", .type) == "otp" {
                entries.append(
                    .object([
                        JSON.Member(name: Self.user.description, value: user),
                        JSON.Member(name: Self.credential.description, value: credential),
                    ]))
            }
        }
        return entries
    }

    func leftOut(of entry: JSON) -> Set<FormatError.Field> {
        guard case .array(let credentials)? = entry[Self.user.description]?["credentials"] else { return [] }
        let isAlone = credentials.allSatisfy { credential in
            guard case .string(let type)? = credential["type"] else { return false }
            return type.withBytes { $0.equals(ascii: "otp") }
        }
        return isAlone ? [] : [.password]
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        guard let user = entry[Self.user.description], let credential = entry[Self.credential.description] else {
            throw FormatError(.missing, .empty, field: .owner)
        }
        let owner = try user.text("username", .owner)
        let serial = try credential.text("userLabel", .serial)
        let settings = try Self.document(credential, "credentialData", .type)
        let isCounted = try settings.isCounted("subType")
        guard let algorithm = Self.hashes[try settings.text("algorithm", .algorithm) ?? "HmacSHA1"] else {
            throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
        }
        let isText: Bool
        switch try settings.text("secretEncoding", .secret)?.uppercased() {
        case nil: isText = true
        case "BASE32": isText = false
        default: throw FormatError(.unsupported, .otherSecretEncoding, field: .secret)
        }
        let columns = OATHColumns(
            isCounted: isCounted,
            secret: try Self.document(credential, "secretData", .secret).secret("value") {
                (text: RawSpan) throws(FormatError) in
                isText ? Secret(copying: text) : try Base32.decode(text)
            },
            algorithm: algorithm, digits: try settings.number("digits", .digits),
            moving: isCounted ? try settings.requiredCounter("counter") : try settings.number("period", .period))
        return TokenRecord(
            serial: serial, owner: owner,
            credential: try columns.credential(Label(owner: owner, serial: serial)))
    }

    /// The JSON in a text of the credential.
    private static func document(
        _ credential: JSON, _ name: String, _ field: FormatError.Field
    ) throws(FormatError) -> JSON {
        guard case .string(let text)? = credential[name] else { throw FormatError(.missing, .empty, field: field) }
        do throws(FormatError) {
            return try text.withBytes { (bytes: RawSpan) throws(FormatError) in try JSONParser.parse(bytes) }
        } catch {
            // Its lines are not those of the file.
            throw FormatError(error.code, error.reason, field: field)
        }
    }

    func head(_ options: EncodingOptions) -> String { #"{"users":["# }
    func tail(_ options: EncodingOptions) -> String { "]}" }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding {
        OncePerOwner(JSONEncoding(format: self, options: options))
    }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        json.text("username", record.login)
        json.bool("enabled", true)
        json.array("credentials") {
            json.object {
                json.text("type", "otp")
                json.text("userLabel", record.serial)
                json.secret("secretData", credential.secret) { bytes, output in
                    output.append(#"{\"value\":\""#)
                    Base32.encode(bytes, into: output)
                    output.append(#"\"}"#)
                }
                json.text("credentialData", Self.settings(of: credential))
            }
        }
    }

    private static func settings(of credential: Credential) -> String {
        let (type, counter, period) =
            switch credential.kind {
            case .totp(let period): ("totp", UInt64(0), period)
            // What Keycloak itself writes for HOTP.
            case .hotp(let counter): ("hotp", counter, 0)
            }
        return #"{"subType":"\#(type)","digits":\#(credential.digits),"counter":\#(counter),"period":\#(period),"#
            + #""algorithm":"Hmac\#(credential.algorithm.rawValue)","secretEncoding":"BASE32"}"#
    }
}

extension FormatError.Reason {
    public static let otherSecretEncoding: Self = "an encoding other than BASE32"
}
