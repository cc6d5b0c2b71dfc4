internal import ByteBuffers

/// The log of the YubiKey Personalization Tool in "traditional format".
///
/// ```
/// LOGGING START,21.11.2026 12:00
/// Yubico OTP,21.11.2026 12:00,1,vvvvvvcucrlc,ca62baca62ba,KEY,,,0,0,0,0,0,0,0,0,0,0
///  0 event            6 current access code      11 digits of HOTP
///  1 local time       7 new access code          12 seed of the moving factor
///  2 slot             8 … 10 parts of the        13 … 17 options
///  3 public identity       OATH token identifier
///  4 private identity
///  5 key
/// ```
///
/// The time is in the format of the tool's country and may hold a comma, so columns are counted from the end. There is
/// no serial number: servers take the public identity, and privacyIDEA appends the slot, which is the first here.
struct YubicoTraditionalFormat: RowFormat {
    let name = "yubico-traditional"
    let summary = "log of the YubiKey Personalization Tool, traditional format"
    let judges = ["privacyIDEA", "eduMFA"]
    let limits = FormatLimits(readBy: "privacyIDEA", kinds: [.yubicoOTP], carried: [.accessCode])

    static let header: StaticString? = "LOGGING START"
    private static let columns = 18
    private static let zeros = 10

    func isHeader(_ line: RawSpan) -> Bool { line.starts(withASCII: "LOGGING START") }

    func writeHeader(options: EncodingOptions, into output: WipedBuffer) {
        output.append("LOGGING START,")
        output.append(contentsOf: Timestamp(unixTime: options.unixTime).dotted.utf8)
    }

    /// A log that was opened several times has a start line for each.
    func isComment(_ line: RawSpan) -> Bool { isHeader(line) }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: Self.columns...(Self.columns + 1))
        let shift = row.count - Self.columns
        guard row.equals(0, "Yubico OTP") else { throw FormatError(.unsupported, .otherEvent, field: .type) }
        let publicID = try row.publicID(3 + shift)
        guard !publicID.isEmpty else { throw FormatError(.missing, .empty, field: .publicID) }
        return TokenRecord(
            content: .yubicoOTP(
                try YubicoOTPCredential(
                    publicID: publicID, privateID: row.secret(4 + shift, Hex.decode, .privateID),
                    key: row.secret(5 + shift, Hex.decode), accessCode: row.accessCode(7 + shift))))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.yubicoCredential()
        guard !credential.publicID.isEmpty else { throw FormatError(.missing, .empty, field: .publicID) }
        row.literal("Yubico OTP")
        try row.text(Timestamp(unixTime: options.unixTime).dotted, .validity)
        row.number(1)
        row.publicID(credential)
        row.secret(credential.privateID, Hex.encode)
        row.secret(credential.key, Hex.encode)
        row.literal("")
        if let code = credential.accessCode { row.secret(code, Hex.encode) } else { row.literal("") }
        for _ in 0..<Self.zeros { row.number(0) }
    }
}

/// Duo's "YubiKey AES" tokens: `serial,private identity,key`, both in hexadecimal, pasted into the admin panel.
struct DuoYubiKeyFormat: RowFormat {
    let name = "duo-yk"
    let summary = "Duo hardware tokens, YubiKey with Yubico OTP"
    let limits = FormatLimits(
        readBy: "Duo", kinds: [.yubicoOTP], required: [.serial], unwritten: [.publicID, .accessCode])

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 3...3)
        guard let serial = try row.text(0, .serial) else { throw FormatError(.missing, .empty, field: .serial) }
        return TokenRecord(
            serial: serial,
            content: .yubicoOTP(
                try YubicoOTPCredential(
                    publicID: [], privateID: row.secret(1, Hex.decode, .privateID), key: row.secret(2, Hex.decode))))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.yubicoCredential()
        try row.decimalSerial(record)
        row.secret(credential.privateID, Hex.encode)
        row.secret(credential.key, Hex.encode)
    }
}

extension FormatError.Reason {
    public static let otherEvent: Self = "an event other than Yubico OTP"
}
