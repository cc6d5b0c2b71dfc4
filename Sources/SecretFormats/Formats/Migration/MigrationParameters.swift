internal import ByteBuffers

/// One account of a migration (`OtpParameters`).
///
/// ```
/// 1 bytes   secret
/// 2 string  name, often issuer:account
/// 3 string  issuer
/// 4 enum    algorithm   0 or 1 SHA1 · 2 SHA256 · 3 SHA512 · 4 MD5
/// 5 enum    digits      0 or 1 six · 2 eight
/// 6 enum    type        1 HOTP · 0 or 2 TOTP
/// 7 int64   counter
/// ```
///
/// There is no field for the period: it is 30 seconds.
enum MigrationParameters {
    private static let secret: UInt64 = 1
    private static let name: UInt64 = 2
    private static let issuer: UInt64 = 3
    private static let algorithm: UInt64 = 4
    private static let digits: UInt64 = 5
    private static let type: UInt64 = 6
    private static let counter: UInt64 = 7

    private static let hotp: UInt64 = 1
    private static let totp: UInt64 = 2
    private static let six: UInt64 = 1
    private static let eight: UInt64 = 2

    static func encode(_ credential: Credential) -> WipedBuffer {
        let message = WipedBuffer(capacity: 128)
        credential.secret.withBytes { Protobuf.append(bytes: $0, field: secret, to: message) }
        let label = credential.label
        let fullName = label.issuer.map { "\($0):\(label.account)" } ?? label.account
        WipedBuffer(fullName.utf8).withBytes { Protobuf.append(bytes: $0, field: name, to: message) }
        if let text = label.issuer {
            WipedBuffer(text.utf8).withBytes { Protobuf.append(bytes: $0, field: issuer, to: message) }
        }
        Protobuf.append(varint: number(of: credential.algorithm), field: algorithm, to: message)
        Protobuf.append(
            varint: credential.digits == Credential.defaultDigits ? six : eight, field: digits, to: message)
        Protobuf.append(varint: credential.isCounted ? hotp : totp, field: type, to: message)
        if case .hotp(let next) = credential.kind { Protobuf.append(varint: next, field: counter, to: message) }
        return message
    }

    static func decode(_ message: RawSpan) throws(FormatError) -> Credential {
        var key: Secret?
        var fullName = ""
        var issuerText: String?
        var columns = OATHColumns(isCounted: false, secret: Secret(WipedBuffer()))
        try Protobuf.forEachField(in: message) { (field: UInt64, value: Protobuf.Value) throws(FormatError) in
            switch (field, value) {
            case (secret, .bytes(let range)): key = Secret(copying: message.extracting(range))
            case (name, .bytes(let range)): fullName = try text(message.extracting(range), .account)
            case (issuer, .bytes(let range)): issuerText = try text(message.extracting(range), .issuer)
            case (algorithm, .varint(let number)):
                guard let hash = hash(number) else {
                    throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
                }
                columns.algorithm = hash
            case (digits, .varint(let number)):
                guard number <= eight else { throw FormatError(.unsupported, .digitsRange, field: .digits) }
                columns.digits = number == eight ? 8 : 6
            case (type, .varint(let number)):
                guard number <= totp else { throw FormatError(.unsupported, .unknownType, field: .type) }
                columns.isCounted = number == hotp
            case (counter, .varint(let number)): columns.moving = number
            default: break
            }
        }
        guard let key else { throw FormatError(.missing, .empty, field: .secret) }
        columns.secret = key
        if !columns.isCounted { columns.moving = nil }
        return try columns.credential(label(name: fullName, issuer: issuerText))
    }

    /// As in an `otpauth` URI: the name is split at its first colon, and the issuer that has a field of its own counts.
    private static func label(name: String, issuer: String?) throws(FormatError) -> Label {
        let own = issuer.flatMap { $0.isEmpty ? nil : $0 }
        guard let colon = name.firstIndex(of: ":") else { return try Label(issuer: own, account: trimmed(name[...])) }
        let before = trimmed(name[..<colon])
        return try Label(
            issuer: own ?? (before.isEmpty ? nil : before), account: trimmed(name[name.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func text(_ bytes: RawSpan, _ field: FormatError.Field) throws(FormatError) -> String {
        guard let text = bytes.utf8Text() else { throw FormatError(.malformed, .notUTF8, field: field) }
        return text
    }

    private static func number(of algorithm: HashAlgorithm) -> UInt64 {
        switch algorithm {
        case .sha1: 1
        case .sha256: 2
        case .sha512: 3
        }
    }

    /// 0 is what was not said.
    private static func hash(_ number: UInt64) -> HashAlgorithm? {
        number == 0 ? .sha1 : HashAlgorithm.allCases.first { Self.number(of: $0) == number }
    }
}
