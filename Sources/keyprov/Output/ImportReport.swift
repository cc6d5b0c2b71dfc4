import ByteBuffers
import KeyProvision
import SecretFormats

/// What an operator gets after a secret was taken in: the code for the server, and the secret only where it was asked
/// for.
struct ImportReport {
    let credential: Credential
    let first: KeyWriting.Written
    let spare: KeyWriting.Written?
    /// nil for a key that types or shows its codes.
    let code: KeyCode?
    let uri: Secret
    /// Whether the secret is wanted as text.
    let showsSecret: Bool
    /// The form that the secret goes into, if any.
    let form: FilledForm?
    /// nil where none was named.
    let profile: Profile?
    let recoveryCodes: RecoveryCodes?

    /// The code in a line of its own: what is typed into the server's form. Then what else was asked for.
    func text() -> WipedBuffer {
        let buffer = WipedBuffer()
        if let code { buffer.append(contentsOf: (code.text + "\n").utf8) }
        if showsSecret { secretText().withBytes { buffer.append(contentsOf: $0) } }
        recoveryCodes?.text().withBytes { buffer.append(contentsOf: $0) }
        return buffer
    }

    private func secretText() -> WipedBuffer {
        if let form { return FormTable(form: form, credential: credential, uri: uri).text() }
        let buffer = WipedBuffer()
        buffer.append("Secret  ")
        Base32.groups(of: credential.secret).withBytes { buffer.append(contentsOf: $0) }
        buffer.append("\nURI     ")
        uri.withBytes { buffer.append(contentsOf: $0) }
        buffer.append("\n")
        return buffer
    }

    /// The document of `import --json`, see `Docs/json.md`.
    func members(_ json: JSONWriter) {
        json.key("device")
        json.value(first.device, isVirtual: first.isVirtual)
        json.key("credential")
        json.value(credential)
        json.key("slot")
        Self.slot(first, json)
        json.key("verified")
        json.value(first.verification.rawValue)
        json.member(isProtected: first.isProtected)
        json.key("spare")
        if let spare {
            json.object {
                json.key("device")
                json.value(spare.device, isVirtual: spare.isVirtual)
                json.key("slot")
                Self.slot(spare, json)
                json.key("verified")
                json.value(spare.verification.rawValue)
                json.member(isProtected: spare.isProtected)
            }
        } else {
            json.null()
        }
        json.key("code")
        if let code { json.object { code.members(json) } } else { json.null() }
        json.key("profile")
        json.value(profile?.name)
        json.key("steps")
        json.array { for step in profile?.steps ?? [] { json.value(step) } }
        json.members(recoveryCodes)
        if showsSecret { json.members(secretOf: credential, uri: uri, form: form) }
    }

    private static func slot(_ written: KeyWriting.Written, _ json: JSONWriter) {
        if let slot = written.slot { json.value(slot) } else { json.null() }
    }
}
