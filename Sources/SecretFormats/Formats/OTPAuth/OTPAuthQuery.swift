internal import ByteBuffers

/// The parameters of an `otpauth` URI while they are collected.
struct OTPAuthQuery {
    private(set) var issuer: String?
    private(set) var extras: [OTPAuthURI.Parameter] = []
    private var secret: Secret?
    private var algorithm: HashAlgorithm?
    private var digits: UInt64?
    private var period: UInt64?
    private var counter: UInt64?
    private var names: Set<String> = []

    /// Takes the text after the question mark apart: `name=value` pairs between `&`; empty pairs are left out.
    mutating func parse(_ query: RawSpan) throws(FormatError) {
        var rest = 0..<query.byteCount
        while !rest.isEmpty {
            let span = query.extracting(rest)
            let end = span.firstOffset(of: UInt8(ascii: "&")) ?? span.byteCount
            if end > 0 { try parse(parameter: span.extracting(first: end)) }
            rest = min(rest.lowerBound + end + 1, rest.upperBound)..<rest.upperBound
        }
    }

    /// What the parameters say about the credential with this label.
    func credential(label: Label, isCounted: Bool) throws(FormatError) -> Credential {
        guard let secret else { throw FormatError(.missing, .noParameter, field: .secret) }
        let kind: Credential.Kind
        if isCounted {
            guard let counter else { throw FormatError(.missing, .noParameter, field: .counter) }
            kind = .hotp(counter: counter)
        } else {
            kind = .totp(period: period.map { Int(clamping: $0) } ?? Credential.defaultPeriod)
        }
        return try Credential(
            label: label, kind: kind, algorithm: algorithm ?? .sha1,
            digits: digits.map { Int(clamping: $0) } ?? Credential.defaultDigits, secret: secret)
    }

    /// Percent-decoded text without spaces around it, for values that are no secret.
    static func text(_ raw: RawSpan, field: FormatError.Field, plusIsSpace: Bool) throws(FormatError) -> String {
        let decoded = try decode(raw, field: field, plusIsSpace: plusIsSpace)
        let text = decoded.withBytes { bytes in bytes.extracting(bytes.trimmedRange(where: ASCII.isSpace)).utf8Text() }
        guard let text else { throw FormatError(.malformed, .notUTF8, field: field) }
        return text
    }

    private static func decode(
        _ raw: RawSpan, field: FormatError.Field, plusIsSpace: Bool
    ) throws(FormatError) -> WipedBuffer {
        do throws(FormatError) {
            return try PercentEncoding.decode(raw, plusIsSpace: plusIsSpace)
        } catch {
            throw error.about(field)
        }
    }

    private mutating func parse(parameter: RawSpan) throws(FormatError) {
        let nameEnd = parameter.firstOffset(of: UInt8(ascii: "=")) ?? parameter.byteCount
        let name = try Self.text(parameter.extracting(first: nameEnd), field: .parameter, plusIsSpace: true)
        let raw = parameter.extracting(droppingFirst: min(nameEnd + 1, parameter.byteCount))
        switch name {
        case "secret": secret = try value(of: .secret, raw, Base32.decode)
        case "algorithm": algorithm = try value(of: .algorithm, raw, Self.algorithm)
        case "digits": digits = try value(of: .digits, raw) { text throws(FormatError) in try text.decimalNumber() }
        case "period": period = try value(of: .period, raw) { text throws(FormatError) in try text.decimalNumber() }
        case "counter": counter = try value(of: .counter, raw) { text throws(FormatError) in try text.decimalNumber() }
        case "issuer":
            try refuseSecond(.issuer)
            let text = try Self.text(raw, field: .issuer, plusIsSpace: true)
            issuer = text.isEmpty ? nil : text
        case "encoder": throw FormatError(.unsupported, .otherEncoder, field: .parameter)
        default:
            let value = try Self.decode(raw, field: .parameter, plusIsSpace: true)
            extras.append(OTPAuthURI.Parameter(name: name, value: Secret(value)))
        }
    }

    private mutating func value<Value>(
        of field: FormatError.Field, _ raw: RawSpan, _ read: (_ text: RawSpan) throws(FormatError) -> Value
    ) throws(FormatError) -> Value {
        try refuseSecond(field)
        let decoded = try Self.decode(raw, field: field, plusIsSpace: true)
        do throws(FormatError) {
            return try decoded.withBytes(read)
        } catch {
            throw error.about(field)
        }
    }

    private mutating func refuseSecond(_ field: FormatError.Field) throws(FormatError) {
        guard names.insert(field.name).inserted else { throw FormatError(.duplicate, .givenTwice, field: field) }
    }

    private static func algorithm(_ name: RawSpan) throws(FormatError) -> HashAlgorithm {
        guard let algorithm = HashAlgorithm.allCases.first(where: { name.equals(ascii: $0.openSSLName) }) else {
            throw FormatError(.unsupported, .unknownAlgorithm)
        }
        return algorithm
    }
}

extension FormatError.Field {
    /// A parameter of a URI that has no field of its own.
    public static let parameter: Self = "parameter"
}

extension FormatError.Reason {
    public static let givenTwice: Self = "given twice"
    public static let otherEncoder: Self = "an encoder other than decimal digits"
    public static let unknownAlgorithm: Self = "none of SHA1, SHA256 and SHA512"
}
