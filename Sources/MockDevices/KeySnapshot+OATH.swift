/// The part of a state file that is the OATH applet's.
struct OATHContent: Codable {
    let salt: HexBytes
    let accessKey: AccessKey?
    let credentials: [Credential]

    struct AccessKey: Codable {
        let type: UInt8
        let key: HexBytes
    }

    struct Credential: Codable {
        let name: HexBytes
        let type: UInt8
        let digits: UInt8
        let secret: HexBytes
        let properties: UInt8
        let counter: UInt64
        let lastChallenge: HexBytes?
    }

    init(_ memory: OATHMemory) {
        salt = HexBytes(memory.salt)
        accessKey = memory.accessKey.map { AccessKey(type: $0.type, key: HexBytes($0.key)) }
        credentials = memory.credentials.map { credential in
            Credential(
                name: HexBytes(credential.name), type: credential.type.rawValue, digits: credential.digits,
                secret: HexBytes(credential.secret), properties: credential.properties.rawValue,
                counter: credential.counter, lastChallenge: credential.lastChallenge.map { HexBytes($0) })
        }
    }

    /// - Throws: `.invalid` for what a key of that profile would never have stored.
    func memory(_ profile: OATHProfile) throws(VirtualKeyError) -> OATHMemory {
        guard salt.bytes.count == OATHMemory.saltLength else { throw .invalid(.salt) }
        var memory = OATHMemory(salt: salt.bytes)
        if let accessKey {
            guard profile.accepts(OATHKeyType(rawValue: accessKey.type), keyLength: accessKey.key.bytes.count),
                OATHKeyType(rawValue: accessKey.type).isTOTP
            else { throw .invalid(.accessKey) }
            memory.accessKey = OATHAccessKey(type: accessKey.type, key: accessKey.key.bytes)
        }
        for (index, stored) in credentials.enumerated() {
            let type = OATHKeyType(rawValue: stored.type)
            guard profile.accepts(type, keyLength: stored.secret.bytes.count),
                stored.name.bytes.count <= OATHProfile.longestName,
                memory.index(ofName: stored.name.bytes) == nil,
                (stored.lastChallenge?.bytes.count ?? 0) <= OATHStoredCredential.longestChallenge
            else { throw .invalid(.credential(index)) }
            memory.credentials.append(
                OATHStoredCredential(
                    name: stored.name.bytes, type: type, digits: stored.digits, secret: stored.secret.bytes,
                    properties: OATHProperties(rawValue: stored.properties), counter: stored.counter,
                    lastChallenge: stored.lastChallenge?.bytes))
        }
        guard profile.holds(memory.credentials) else { throw .invalid(.credentialCount) }
        return memory
    }
}

/// Bytes as lower-case hexadecimal digits.
struct HexBytes: Codable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        var digits = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let high = digits.popFirst() {
            guard let high = Self.value(high), let low = digits.popFirst().flatMap(Self.value) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        try container.encode(digits.joined())
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
