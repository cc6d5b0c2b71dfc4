internal import ByteBuffers

/// Portable Symmetric Key Container (RFC 6030), the XML in which token makers deliver secrets.
///
/// ```
/// KeyContainer
///   EncryptionKey   ds:KeyName of a pre-shared key, or xenc11:DerivedKey with the parameters of PBKDF2
///   MACMethod       MACKey, a random key encrypted like a secret
///   KeyPackage…     DeviceInfo(Manufacturer SerialNo Model)
///                   Key(Issuer AlgorithmParameters FriendlyName Data(Secret Counter|Time TimeInterval) UserId)
/// ```
///
/// A key for Yubico OTP is as the YubiKey Personalization Tool logs it: `CN=<public identity>, UID=<private identity>` as
/// the key's UserId, so that an owner stands in that of DeviceInfo. python-pskc reads it; privacyIDEA and eduMFA know no such
/// algorithm and refuse the file, and take the Yubico log.
///
/// All formats of this family read the same; they differ in what they write. The universal dialect is what python-pskc,
/// privacyIDEA, eduMFA and the parsers of FreeIPA and LinOTP take: a prefixed root with all namespaces, ResponseFormat
/// always, Suite for SHA-256 and SHA-512 only, the secret alone encrypted, PBKDF2's parameters without a namespace.
struct PSKCFormat: SecretFormat {
    enum Protection: Sendable {
        case plain
        /// PBKDF2 with a password.
        case password
        /// The passphrase is the hexadecimal digits of the key.
        case preShared
    }

    let name: String
    let summary: String
    let family = "pskc"
    let encryption: FormatEncryption
    let limits: FormatLimits
    let judges: [String]
    let protection: Protection
    /// Of the ciphers, the MAC and the derivation.
    let keyLength: Int
    let hash: HashAlgorithm
    /// What stands before the name of the hash in `Suite`.
    let suitePrefix: String

    static let all = [
        PSKCFormat(
            name: "pskc", summary: "PSKC (RFC 6030), with a password where one is given", encryption: .optional,
            protection: .password, servers: ["privacyIDEA", "eduMFA"], "a PSKC importer"),
        PSKCFormat(
            name: "pskc-psk", summary: "PSKC, encrypted with a pre-shared key in hexadecimal", encryption: .required,
            protection: .preShared, servers: ["privacyIDEA", "eduMFA"], "a PSKC importer"),
        PSKCFormat(
            name: "pskc-multiotp", summary: "PSKC in clear, for multiOTP and LinOTP, which want HMAC- before the hash",
            encryption: .none, protection: .plain, suitePrefix: "HMAC-", kinds: [.totp, .hotp], "multiOTP"),
        PSKCFormat(
            name: "pskc-strong", summary: "PSKC with AES-256, HMAC-SHA256 and PBKDF2 over it, which few importers take",
            encryption: .required, protection: .password, keyLength: 32, hash: .sha256, "a PSKC importer"),
        PSKCFormat(
            name: "pskc-strong-psk", summary: "the same with a pre-shared key of 256 bits in hexadecimal",
            encryption: .required, protection: .preShared, keyLength: 32, hash: .sha256, "a PSKC importer"),
    ]

    private init(
        name: String, summary: String, encryption: FormatEncryption, protection: Protection, keyLength: Int = 16,
        hash: HashAlgorithm = .sha1, suitePrefix: String = "",
        kinds: [FormatLimits.Kind] = FormatLimits.Kind.allCases, servers: [String] = [], _ reader: StaticString
    ) {
        self.name = name
        self.summary = summary
        self.encryption = encryption
        self.protection = protection
        self.keyLength = keyLength
        self.hash = hash
        self.suitePrefix = suitePrefix
        judges = ["pskctool", "python-pskc"] + servers
        limits = FormatLimits(
            readBy: reader, kinds: kinds, carried: [.issuer, .account, .manufacturer, .model, .owner],
            required: [.serial])
    }

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard text.first == UInt8(ascii: "<") else { return false }
        return (0..<text.byteCount).contains { text.extracting(droppingFirst: $0).starts(withASCII: PSKC.namespace) }
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) throws(FormatError) -> any RecordDecoding {
        PSKCDecoder(try XMLStream(source), passphrase: options.passphrase)
    }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        PSKCEncoder(
            format: self, writer: try XMLWriter(), sealing: try PSKCSealing(format: self, options: options))
    }
}
