internal import ByteBuffers

/// andOTP's backup, a list of accounts, in clear or encrypted (`AndOTPVault`).
///
/// ```
/// [{"type":"TOTP","issuer":ISSUER,"label":ACCOUNT,"secret":BASE32,"digits":6,"algorithm":"SHA1","period":30},
///  {"type":"HOTP",…,"counter":0}]
/// ```
struct AndOTPFormat: SealedJSONFormat {
    let name = "andotp"
    let summary = "backup of andOTP, with a password where one is given"
    let judges = ["andotp-decrypt"]
    let limits = FormatLimits(readBy: "andOTP", carried: [.issuer, .account])

    static let members: [StaticString] = ["type", "label", "secret", "algorithm"]

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        if text.first == UInt8(ascii: "[") { return text.haveMembers(Self.members) }
        // The old kind of encryption begins with chance.
        return AndOTPVault.iterations(of: start) != nil
    }

    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        // Ciphertext is never UTF-8 by chance, but for a handful of bytes.
        if file.utf8Text() != nil { return try JSONParser.parse(file) }
        return try AndOTPVault.open(file, passphrase: passphrase).withBytes(JSONParser.parse)
    }

    func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        try AndOTPVault.seal(plaintext, with: passphrase, options: options, into: output)
    }

    func entries(in root: JSON) throws(FormatError) -> [JSON] {
        guard case .array(let entries) = root else { throw FormatError(.malformed, .noList) }
        return entries
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let isCounted = try entry.isCounted("type")
        let columns = OATHColumns(
            isCounted: isCounted, secret: try entry.secret("secret", Base32.decode),
            algorithm: try entry.algorithm("algorithm"), digits: try entry.number("digits", .digits),
            moving: isCounted ? try entry.requiredCounter("counter") : try entry.number("period", .period))
        return TokenRecord(
            credential: try columns.credential(
                Label(issuer: entry.text("issuer", .issuer), account: entry.text("label", .account) ?? "")))
    }

    func head(_ options: EncodingOptions) -> String { "[" }
    func tail(_ options: EncodingOptions) -> String { "]" }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        json.text("type", credential.isCounted ? "HOTP" : "TOTP")
        json.text("issuer", credential.label.issuer ?? "")
        json.text("label", credential.label.account)
        json.base32("secret", credential.secret)
        json.number("digits", credential.digits)
        json.text("algorithm", credential.algorithm.rawValue)
        json.number(credential.isCounted ? "counter" : "period", credential.moving)
    }
}
