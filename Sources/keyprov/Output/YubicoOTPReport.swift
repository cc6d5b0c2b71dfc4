import ByteBuffers
import KeyProvision
import SecretFormats

/// What an operator gets after Yubico OTP was written: the record for the validation server.
struct YubicoOTPReport {
    let credential: YubicoOTPCredential
    let device: DeviceInfo
    let isVirtual: Bool
    let slot: Int

    private var publicID: Secret { Modhex.encode(Secret(WipedBuffer(credential.publicID))) }

    /// - Parameter format: nil for labels and values.
    /// - Throws: where the format cannot carry it, such as one that asks for a serial number.
    func record(_ format: FormatName?) throws -> WipedBuffer {
        guard let format else { return fields }
        let writer = try format.format.writer(
            options: EncodingOptions(random: World.current.random, unixTime: Int(clamping: World.current.now())))
        let text = WipedBuffer(capacity: 256)
        try writer.start(into: text)
        try writer.append(
            TokenRecord(serial: device.serial, model: device.model, content: .yubicoOTP(credential)), into: text)
        try writer.end(into: text)
        return text
    }

    private var fields: WipedBuffer {
        let text = WipedBuffer(capacity: 256)
        func line(_ label: StaticString, _ value: Secret) {
            text.append(label)
            value.withBytes { text.append(contentsOf: $0) }
            text.append("\n")
        }
        if let serial = device.serial {
            text.append("Serial number  ")
            text.append(contentsOf: serial.utf8)
            text.append("\n")
        }
        line("Public ID      ", publicID)
        line("Private ID     ", Hex.encode(credential.privateID))
        line("AES key        ", Hex.encode(credential.key))
        return text
    }

    /// See `Docs/json.md`.
    var document: WipedBuffer {
        let json = JSONWriter()
        json.object {
            json.key("device")
            json.value(device, isVirtual: isVirtual)
            json.key("slot")
            json.value(slot)
            json.key("verified")
            json.value(Verification.writeOnly.rawValue)
            json.member(isProtected: credential.accessCode != nil)
            json.key("public_id")
            json.value(publicID)
            json.key("private_id")
            json.value(Hex.encode(credential.privateID))
            json.key("aes_key")
            json.value(Hex.encode(credential.key))
        }
        json.endLine()
        return json.buffer
    }
}
