import ByteBuffers
import KeyProvision
import SecretFormats
import USBTransport

/// What an operator gets after a verified write: the fields for the server, the URI and the QR code.
struct EnrollmentReport {
    let credential: Credential
    let form: FilledForm
    let uri: Secret
    let device: DeviceInfo
    let isVirtual: Bool
    let slot: Int?
    let verification: Verification
    /// Whether the slot has an access code; nil where slots have none.
    var isProtected: Bool?

    /// The form, then what is done with it.
    func text() -> WipedBuffer {
        let buffer = FormTable(form: form, credential: credential, uri: uri).text()
        buffer.append(contentsOf: ProfilePage.instructions(of: form.profile).utf8)
        return buffer
    }

    /// The document of `enroll --json`, see `Docs/json.md`.
    func members(_ json: JSONWriter) {
        json.key("device")
        json.value(device, isVirtual: isVirtual)
        json.key("credential")
        json.value(credential)
        json.key("slot")
        if let slot { json.value(slot) } else { json.null() }
        json.key("verified")
        json.value(verification.rawValue)
        json.member(isProtected: isProtected)
        json.members(secretOf: credential, uri: uri, form: form)
        json.key("profile")
        json.value(form.profile.name)
        json.key("steps")
        json.array { for step in form.profile.steps { json.value(step) } }
    }
}

extension JSONWriter {
    /// Only of places that can have an access code of their own.
    func member(isProtected: Bool?) {
        guard let isProtected else { return }
        key("protected")
        value(isProtected)
    }

    /// The secret in the spellings that people need.
    ///
    /// - Parameter form: nil for no fields.
    func members(secretOf credential: Credential, uri: Secret, form: FilledForm?) {
        key("secret")
        object {
            key("base32")
            value(Base32.encode(credential.secret))
            key("groups")
            value(Base32.groups(of: credential.secret))
        }
        key("uri")
        value(uri)
        key("fields")
        array { for field in form?.values(of: credential) ?? [] { object { members(field) } } }
    }

    func members(_ field: FieldValue) {
        key("label")
        value(field.label)
        key("value")
        switch field.value {
        case .text(let text): value(text)
        case .secret(_, let plain): value(plain)
        case .open: null()
        }
        key("name")
        value(field.name.rawValue)
    }

    func value(_ device: DeviceInfo, isVirtual: Bool) {
        object {
            key("family")
            value(device.family)
            key("model")
            value(device.model)
            key("serial")
            value(device.serial)
            key("firmware")
            value(device.firmware?.description)
            key("port")
            value(device.location.description)
            key("virtual")
            value(isVirtual)
        }
    }

    /// Everything of a credential but its secret.
    func value(_ credential: Credential) { value(CredentialTerms(credential)) }

    func value(_ terms: CredentialTerms) {
        object {
            key("issuer")
            value(terms.label.issuer)
            key("account")
            value(terms.label.account)
            key("type")
            switch terms.kind {
            case .totp: value("totp")
            case .hotp: value("hotp")
            }
            key("algorithm")
            value(terms.algorithm.rawValue)
            key("digits")
            value(terms.digits)
            switch terms.kind {
            case .totp(let period):
                key("period")
                value(period)
            case .hotp(let counter):
                key("counter")
                value(counter)
            }
        }
    }

    func value(_ stored: StoredCredential) {
        object { members(stored) }
    }

    /// The members of a stored credential, for objects that add to them.
    func members(_ stored: StoredCredential) {
        key("name")
        value(stored.name)
        key("issuer")
        value(stored.issuer)
        key("account")
        value(stored.account)
        key("type")
        value(stored.kind.text)
        key("algorithm")
        value(stored.algorithm?.rawValue)
        if case .totp(let period) = stored.kind {
            key("period")
            value(period)
        }
        key("slot")
        if let place = stored.place { value(place) } else { null() }
    }
}

extension StoredCredential.Kind {
    var text: String {
        switch self {
        case .totp: "totp"
        case .hotp: "hotp"
        case .reverseHOTP: "reverse-hotp"
        case .unknown: "unknown"
        }
    }
}
