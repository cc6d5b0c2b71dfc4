internal import ByteBuffers

/// The log of the YubiKey Personalization Tool in "Yubico format", and what was made after it.
///
/// ```
/// serial,public identity,private identity,key,access code,YYYY-MM-DDThh:mm:ss,      Yubico OTP
/// serial,,0,key,access code,YYYY-MM-DDThh:mm:ss,                                    HOTP with 6 digits, counter 0
/// ```
///
/// The public identity is modhex, the rest hexadecimal; an access code of zeros is none. The comma at the end belongs
/// to it. Rows of static passwords have no third column and are refused.
///
/// - Okta takes it as the seed file of YubiKeys, for Yubico OTP only.
/// - The key storage module of Yubico's validation server (`ykksm-import`) takes it after a line `# ykksm 1`, signed
///   with OpenPGP, which is left to gpg.
struct YubicoFormat: RowFormat {
    let name = "yubico"
    let summary = "log of the YubiKey Personalization Tool, Yubico format"
    let judges = ["privacyIDEA", "eduMFA"]
    let limits = FormatLimits(
        readBy: "privacyIDEA", kinds: [.yubicoOTP, .hotp], algorithms: [.sha1], digits: [6], counters: 0...0,
        secretLengths: 20...20, carried: [.accessCode], required: [.serial])

    func isComment(_ line: RawSpan) -> Bool { false }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord { try Self.record(from: row) }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        try Self.write(record, options: options, to: &row)
    }

    private static let accessCodeDigits: StaticString = "000000000000"

    static func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 6...8)
        guard let serial = try row.text(0, .serial) else { throw FormatError(.missing, .empty, field: .serial) }
        _ = try row.withField(0) { (bytes: RawSpan) throws(FormatError) in
            do throws(FormatError) { return try bytes.decimalNumber() } catch { throw error.about(.serial) }
        }
        if row.equals(2, "0"), row.equals(1, "") {
            let columns = OATHColumns(isCounted: true, secret: try row.secret(3, Hex.decode))
            return TokenRecord(serial: serial, credential: try columns.credential(Label(owner: nil, serial: serial)))
        }
        return TokenRecord(
            serial: serial,
            content: .yubicoOTP(
                try YubicoOTPCredential(
                    publicID: row.publicID(1), privateID: row.secret(2, Hex.decode, .privateID),
                    key: row.secret(3, Hex.decode), accessCode: row.accessCode(4))))
    }

    static func write(
        _ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter
    ) throws(FormatError) {
        try row.decimalSerial(record)
        switch record.content {
        case .oath(let credential):
            row.literal("")
            row.literal("0")
            row.secret(credential.secret, Hex.encode)
            row.literal(accessCodeDigits)
        case .yubicoOTP(let credential):
            row.publicID(credential)
            row.secret(credential.privateID, Hex.encode)
            row.secret(credential.key, Hex.encode)
            if let code = credential.accessCode {
                row.secret(code, Hex.encode)
            } else {
                row.literal(accessCodeDigits)
            }
        }
        try row.text(Timestamp(unixTime: options.unixTime).iso, .validity)
        row.literal("")
    }
}

/// See `YubicoFormat`.
struct OktaYubiKeyFormat: RowFormat {
    let name = "okta-yubikey"
    let summary = "YubiKey seed file of Okta"
    let family = "yubico"
    let limits = FormatLimits(readBy: "Okta", kinds: [.yubicoOTP], carried: [.accessCode], required: [.serial])

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord { try YubicoFormat.record(from: row) }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        try YubicoFormat.write(record, options: options, to: &row)
    }
}

/// See `YubicoFormat`.
struct YKKSMFormat: RowFormat {
    let name = "ykksm"
    let summary = "keys for the key storage module of Yubico's validation server"
    let limits = FormatLimits(
        readBy: "ykksm-import", kinds: [.yubicoOTP], carried: [.accessCode], required: [.serial])

    static let header: StaticString? = "# ykksm 1"

    func isComment(_ line: RawSpan) -> Bool { line.starts(withASCII: "#") && !isHeader(line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord { try YubicoFormat.record(from: row) }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        guard try !record.yubicoCredential().publicID.isEmpty else {
            throw FormatError(.missing, .empty, field: .publicID)
        }
        try YubicoFormat.write(record, options: options, to: &row)
    }
}
