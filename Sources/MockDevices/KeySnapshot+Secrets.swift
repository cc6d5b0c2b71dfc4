/// The part of a state file that is the secrets application's. Bytes are hexadecimal, see `KeySnapshot`.
struct SecretsContent: Codable {
    let salt: HexBytes
    /// Left out where none was set.
    let pin: HexBytes?
    let pinTriesLeft: UInt8
    let credentials: [Credential]

    struct Credential: Codable {
        let label: HexBytes
        let type: UInt8
        let digits: UInt8
        let secret: HexBytes
        let needsTouch: Bool
        let isEncrypted: Bool
        let counter: UInt32
        /// Left out where there are none.
        let passwordFields: HexBytes?
    }

    init(_ memory: SecretsMemory) {
        salt = HexBytes(memory.salt)
        pin = memory.pin.map(HexBytes.init)
        pinTriesLeft = memory.pinTriesLeft
        credentials = memory.credentials.map { credential in
            Credential(
                label: HexBytes(credential.label), type: credential.type.rawValue, digits: credential.digits,
                secret: HexBytes(credential.secret), needsTouch: credential.needsTouch,
                isEncrypted: credential.isEncrypted, counter: credential.counter,
                passwordFields: credential.passwordFields.isEmpty ? nil : HexBytes(credential.passwordFields))
        }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func memory() throws(VirtualKeyError) -> SecretsMemory {
        guard salt.bytes.count == SecretsMemory.saltLength else { throw .invalid(.salt) }
        guard pinTriesLeft <= SecretsMemory.pinTries else { throw .invalid(.pin) }
        guard credentials.count <= SecretsMemory.capacity else { throw .invalid(.credentialCount) }
        var memory = SecretsMemory(salt: salt.bytes, pin: pin?.bytes, pinTriesLeft: pinTriesLeft)
        for (index, stored) in credentials.enumerated() {
            let type = SecretsType(rawValue: stored.type)
            guard type.kind != nil, type.hash != nil, memory.index(of: stored.label.bytes) == nil,
                stored.secret.bytes.count <= HMACHash.sha256.blockLength, !stored.isEncrypted || pin != nil
            else { throw .invalid(.credential(index)) }
            memory.credentials.append(
                SecretsCredential(
                    label: stored.label.bytes, type: type, digits: stored.digits, secret: stored.secret.bytes,
                    needsTouch: stored.needsTouch, isEncrypted: stored.isEncrypted, counter: stored.counter,
                    passwordFields: stored.passwordFields?.bytes ?? []))
        }
        return memory
    }
}
