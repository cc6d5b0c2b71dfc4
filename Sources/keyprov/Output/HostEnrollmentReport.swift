import ByteBuffers
import KeyProvision
import SecretFormats

/// What an operator gets after a computer's secret was written: what the computer has to know.
struct HostEnrollmentReport {
    let credential: HostCredential
    /// Whether the secret was drawn here; another one is known where it came from.
    let isNew: Bool
    let device: DeviceInfo
    let isVirtual: Bool
    let verification: Verification

    var fields: WipedBuffer {
        let text = WipedBuffer(capacity: 256)
        func line(_ label: StaticString, _ value: String) {
            text.append(label)
            text.append(contentsOf: value.utf8)
            text.append("\n")
        }
        line("Name       ", TerminalText.safe(credential.label.text))
        if isNew {
            text.append("Secret     ")
            Base32.encode(credential.secret).withBytes { text.append(contentsOf: $0) }
            text.append("\n")
        }
        line("Counter    ", "\(credential.counter)")
        line("Hash       ", credential.algorithm.rawValue)
        line("Digits     ", "\(credential.digits)")
        return text
    }

    /// See `Docs/json.md`.
    var document: WipedBuffer {
        let json = JSONWriter()
        json.object {
            json.key("device")
            json.value(device, isVirtual: isVirtual)
            json.key("credential")
            json.object {
                json.key("issuer")
                json.value(credential.label.issuer)
                json.key("account")
                json.value(credential.label.account)
                json.key("type")
                json.value(StoredCredential.Kind.reverseHOTP.text)
                json.key("algorithm")
                json.value(credential.algorithm.rawValue)
                json.key("digits")
                json.value(credential.digits)
                json.key("counter")
                json.value(credential.counter)
            }
            json.key("verified")
            json.value(verification.rawValue)
            json.key("secret")
            if isNew { json.value(Base32.encode(credential.secret)) } else { json.null() }
        }
        json.endLine()
        return json.buffer
    }
}
