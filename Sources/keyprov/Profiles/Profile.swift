import SecretFormats

/// The secret fields of an account form: which, in what order, under which labels.
struct Profile {
    enum Field {
        case issuer, account, secret, type, algorithm, digits, period, counter
    }

    let name: String
    let fields: [(field: Field, label: String)]

    static let all = [generic]

    /// What most servers ask for, under the words that most of them use.
    static let generic = Profile(
        name: "generic",
        fields: [
            (.issuer, "Issuer"), (.account, "Account name"), (.secret, "OTP Secret"), (.type, "Type"),
            (.algorithm, "Algorithm"), (.digits, "Digits"), (.period, "Period"), (.counter, "Counter"),
        ])

    static func named(_ name: String) -> Profile? { all.first { $0.name == name } }

    /// The fields that the credential has, in the profile's order.
    func values(of credential: Credential) -> [FieldValue] {
        fields.compactMap { field, label in
            value(of: field, credential).map { FieldValue(label: label, value: $0) }
        }
    }

    private func value(of field: Field, _ credential: Credential) -> FieldValue.Value? {
        switch (field, credential.kind) {
        case (.issuer, _): credential.label.issuer.map { .text($0) }
        case (.account, _): .text(credential.label.account)
        case (.secret, _): .secret(credential.secret)
        case (.type, .totp): .text("TOTP")
        case (.type, .hotp): .text("HOTP")
        case (.algorithm, _): .text(credential.algorithm.rawValue)
        case (.digits, _): .text(String(credential.digits))
        case (.period, .totp(let period)): .text(String(period))
        case (.counter, .hotp(let counter)): .text(String(counter))
        case (.period, .hotp), (.counter, .totp): nil
        }
    }
}

/// One line of the form, filled in.
struct FieldValue {
    enum Value {
        case text(String)
        case secret(Secret)
    }

    let label: String
    let value: Value
}
