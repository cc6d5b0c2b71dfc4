internal import ByteBuffers

/// The inventory CSV of RCDevs WebADM and OpenOTP.
///
/// ```
/// Type, Reference, Description, Data
/// "OTP Token", "SERIAL", "MODEL", "TokenKey=…,TokenType=…,TokenState=…,OTPLength=…,TOTPTimeStep=…"
/// ```
///
/// Every value of the last column is base64: the key of its bytes, the others of their text. The state is the counter
/// of HOTP and the offset of TOTP, 0. Lines that start with `#` are comments.
struct RCDevsFormat: RowFormat {
    let name = "rcdevs"
    let summary = "token inventory of RCDevs WebADM (OpenOTP)"
    let limits = FormatLimits(
        readBy: "RCDevs WebADM", algorithms: [.sha1], digits: [6, 8], periods: .oneOf([30, 60]),
        required: [.serial, .model])

    static let header: StaticString? = "Type, Reference, Description, Data"
    static let takesQuotes = true

    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 4...4)
        guard row.equals(0, "OTP Token") else { throw FormatError(.unsupported, .otherToken, field: .type) }
        let serial = try row.text(1, .serial)
        let model = try row.text(2, .model)
        let data = try row.withField(3) { (bytes: RawSpan) throws(FormatError) in
            try CSVRow(parsing: bytes, separator: UInt8(ascii: ","), takesQuotes: false)
        }
        var values: [Key: Secret] = [:]
        for index in 0..<data.count {
            try data.withField(index) { (pair: RawSpan) throws(FormatError) in
                let end = pair.firstOffset(of: UInt8(ascii: "=")) ?? pair.byteCount
                let key = Key.allCases.first { pair.extracting(first: end).equals(ascii: $0.name) }
                guard let key, end < pair.byteCount else { throw FormatError(.unsupported, .otherValue) }
                guard values[key] == nil else { throw FormatError(.duplicate, .givenTwice, field: key.field) }
                do throws(FormatError) {
                    values[key] = try Base64.decode(pair.extracting(droppingFirst: end + 1))
                } catch {
                    throw error.about(key.field)
                }
            }
        }
        guard let secret = values[.key], let type = values[.type] else {
            throw FormatError(.missing, .empty, field: values[.key] == nil ? .secret : .type)
        }
        let isCounted = type.withBytes { $0.equals(ascii: "HOTP") }
        guard isCounted || type.withBytes({ $0.equals(ascii: "TOTP") }) else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        let state = try Self.number(values[.state], .counter)
        guard isCounted || (state ?? 0) == 0 else { throw FormatError(.unsupported, .otherStart, field: .period) }
        let columns = OATHColumns(
            isCounted: isCounted, secret: secret, digits: try Self.number(values[.length], .digits),
            moving: isCounted ? state : try Self.number(values[.step], .period))
        return TokenRecord(
            serial: serial, model: model,
            content: .oath(try columns.credential(Label(owner: nil, serial: serial))))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        // The fields are in quotes here, and the separator is a comma and a space.
        var checked = CSVWriter(separator: Self.separator)
        try checked.serial(record)
        try checked.text(record.model, .model)
        row.raw { output in
            output.append(contentsOf: "\"OTP Token\", \"\(record.serial ?? "")\", \"\(record.model ?? "")\", \"".utf8)
            output.append(contentsOf: "\(Key.key.name)=".utf8)
            credential.secret.withBytes { Base64.encode($0, into: output) }
            var pairs = [(Key.type, credential.isCounted ? "HOTP" : "TOTP")]
            switch credential.kind {
            case .hotp(let counter): pairs += [(.state, String(counter)), (.length, String(credential.digits))]
            case .totp(let period):
                pairs += [(.state, "0"), (.length, String(credential.digits)), (.step, String(period))]
            }
            for (key, value) in pairs {
                output.append(contentsOf: ",\(key.name)=".utf8)
                WipedBuffer(value.utf8).withBytes { Base64.encode($0, into: output) }
            }
            output.append("\"")
        }
    }

    private static func number(_ value: Secret?, _ field: FormatError.Field) throws(FormatError) -> UInt64? {
        guard let value else { return nil }
        return try value.withBytes { (bytes: RawSpan) throws(FormatError) in
            do throws(FormatError) { return try bytes.decimalNumber() } catch { throw error.about(field) }
        }
    }

    private enum Key: CaseIterable {
        case key, type, state, length, step

        var name: StaticString {
            switch self {
            case .key: "TokenKey"
            case .type: "TokenType"
            case .state: "TokenState"
            case .length: "OTPLength"
            case .step: "TOTPTimeStep"
            }
        }

        var field: FormatError.Field {
            switch self {
            case .key: .secret
            case .type: .type
            case .state: .counter
            case .length: .digits
            case .step: .period
            }
        }
    }
}

extension FormatError.Reason {
    public static let otherToken: Self = "not an OTP token"
    public static let otherValue: Self = "a value that OTP tokens do not have"
}
