internal import ByteBuffers

/// The backup of Stratum, which was Authenticator Pro, in clear or encrypted (`StratumVault`).
///
/// ```
/// {"Authenticators":[{"Type":2,"Icon":null,"Issuer":ISSUER,"Username":ACCOUNT,"Secret":BASE32,"Pin":null,
///   "Algorithm":0,"Digits":6,"Period":30,"Counter":0,"Ranking":0}],
///  "Categories":[],"AuthenticatorCategories":[],"CustomIcons":[]}
/// Type        1 HOTP · 2 TOTP · 3 mOTP · 4 Steam · 5 Yandex
/// Algorithm   0 SHA1 · 1 SHA256 · 2 SHA512
/// ```
///
/// The app has one account a secret.
struct StratumFormat: SealedJSONFormat {
    let name = "stratum"
    let summary = "backup of Stratum (Authenticator Pro), with a password where one is given"
    let limits = FormatLimits(
        readBy: "Stratum", counters: 0...UInt64(Int32.max), carried: [.account], required: [.issuer])

    static let members: [StaticString] = ["Authenticators", "Categories"]
    private static let hotp: UInt64 = 1
    private static let totp: UInt64 = 2

    func entries(in root: JSON) throws(FormatError) -> [JSON] { try root.elements("Authenticators") }

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        return StratumVault.isSealed(start) || text.first == UInt8(ascii: "{") && text.haveMembers(Self.members)
    }

    func document(of file: RawSpan, passphrase: Secret?) throws(FormatError) -> JSON {
        if StratumVault.isSealed(file) { return try StratumVault.open(file, passphrase: passphrase) }
        return try JSONParser.parse(file)
    }

    func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError) {
        try StratumVault.seal(plaintext, with: passphrase, options: options, into: output)
    }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let type = try entry.number("Type", .type)
        guard type == Self.hotp || type == Self.totp else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        let isCounted = type == Self.hotp
        let hash = try entry.number("Algorithm", .algorithm) ?? 0
        guard let algorithm = HashAlgorithm.allCases.first(where: { Self.number(of: $0) == hash }) else {
            throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
        }
        let columns = OATHColumns(
            isCounted: isCounted, secret: try entry.secret("Secret", Base32.decode), algorithm: algorithm,
            digits: try entry.number("Digits", .digits),
            moving: isCounted ? try entry.requiredCounter("Counter") : try entry.number("Period", .period))
        let issuer = try entry.text("Issuer", .issuer)
        // The app wants an issuer only.
        let account = try entry.text("Username", .account)
        return TokenRecord(
            credential: try columns.credential(
                Label(issuer: account == nil ? nil : issuer, account: account ?? issuer ?? "")))
    }

    func head(_ options: EncodingOptions) -> String { #"{"Authenticators":["# }

    func tail(_ options: EncodingOptions) -> String {
        #"],"Categories":[],"AuthenticatorCategories":[],"CustomIcons":[]}"#
    }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        json.number("Type", credential.isCounted ? Self.hotp : Self.totp)
        json.text("Icon", nil)
        json.text("Issuer", credential.label.issuer)
        json.text("Username", credential.label.account)
        json.base32("Secret", credential.secret)
        json.text("Pin", nil)
        json.number("Algorithm", Self.number(of: credential.algorithm))
        json.number("Digits", credential.digits)
        json.number("Period", credential.isCounted ? UInt64(Credential.defaultPeriod) : credential.moving)
        json.number("Counter", credential.isCounted ? credential.moving : 0)
        json.number("Ranking", number)
    }

    private static func number(of algorithm: HashAlgorithm) -> UInt64 {
        switch algorithm {
        case .sha1: 0
        case .sha256: 1
        case .sha512: 2
        }
    }
}
