import KeyProvision
import SecretFormats

/// A profile together with what an operator said about the account: the fields are ready for any credential.
struct FilledForm {
    let profile: Profile
    /// The profile of the server whose secret this is.
    var origin: Profile?
    var language = Language.english
    var urls: [String] = []
    var apps: [String] = []
    var login: String?

    /// The fields that the credential has, and those that the form has for the account, in the form's order.
    func values(of credential: Credential) -> [FieldValue] {
        values(of: CredentialTerms(credential), secret: credential.secret)
    }

    /// - Parameter secret: nil leaves its fields out.
    func values(of terms: CredentialTerms, secret: Secret?) -> [FieldValue] {
        profile.fields.compactMap { field in
            value(of: field, terms, secret).map {
                FieldValue(name: field.name, label: field.label(in: language), value: $0)
            }
        }
    }

    /// What a QR code for the system holds.
    func qrText(of credential: Credential, uri: Secret) -> Secret {
        profile.qrForms?.value.first == .secret ? profile.spelling.plainText(of: credential.secret) : uri
    }

    private func value(of field: FormField, _ terms: CredentialTerms, _ secret: Secret?) -> FieldValue.Value? {
        if let preset = field.preset { return .text(preset) }
        if field.isAdvanced, terms.hasUsual(field.name) { return nil }
        return switch (field.name, terms.kind) {
        case (.issuer, _): terms.label.issuer.map { .text($0) }
        case (.account, _): .text(terms.label.account)
        case (.secret, _):
            secret.map { .secret(shown: profile.spelling.text(of: $0), plain: profile.spelling.plainText(of: $0)) }
        case (.type, .totp): .text("TOTP")
        case (.type, .hotp): .text("HOTP")
        case (.algorithm, _): .text(terms.algorithm.rawValue)
        case (.digits, _): .text(String(terms.digits))
        case (.period, .totp(let period)): .text(String(period))
        case (.counter, .hotp(let counter)): .text(String(counter))
        case (.period, .hotp), (.counter, .totp): nil
        case (.name, _): .text(terms.label.issuer ?? terms.label.account)
        case (.login, _): .text(login ?? terms.label.account)
        case (.urls, _): joined(urls, of: field)
        case (.apps, _): joined(apps, of: field)
        case (.sites, _): joined(urls + apps, of: field)
        default: .open(field.need)
        }
    }

    private func joined(_ values: [String], of field: FormField) -> FieldValue.Value {
        guard values.isEmpty else { return .text(values.joined(separator: "\(profile.separator) ")) }
        // One of several fields is enough.
        if case .oneOf(let names) = field.need, names.contains(where: { !given($0).isEmpty }) {
            return .open(.optional)
        }
        return .open(field.need)
    }

    private func given(_ name: FieldName) -> [String] {
        switch name {
        case .urls: urls
        case .apps: apps
        default: []
        }
    }
}

extension CredentialTerms {
    /// Whether a setting has the value that everybody assumes.
    fileprivate func hasUsual(_ setting: FieldName) -> Bool {
        switch (setting, kind) {
        case (.type, .totp), (.period, .totp(Credential.defaultPeriod)): true
        case (.algorithm, _): algorithm == .sha1
        case (.digits, _): digits == Credential.defaultDigits
        default: false
        }
    }
}

/// One line of the form, filled in.
struct FieldValue {
    enum Value {
        case text(String)
        /// As people read it, and as programs hand it on.
        case secret(shown: Secret, plain: Secret)
        /// To be filled in by the operator, who alone knows it.
        case open(FormField.Need)
    }

    let name: FieldName
    let label: String
    let value: Value
}
