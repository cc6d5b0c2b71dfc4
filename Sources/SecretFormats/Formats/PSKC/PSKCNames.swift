/// Names of RFC 6030 and of the standards that it builds on.
enum PSKC {
    static let namespace: StaticString = "urn:ietf:params:xml:ns:keyprov:pskc"
    static let version = "1.0"

    // Key algorithms (RFC 6030 section 10, and the IANA registry of PSKC algorithm profiles).
    static let hotp: StaticString = "urn:ietf:params:xml:ns:keyprov:pskc:hotp"
    static let totp: StaticString = "urn:ietf:params:xml:ns:keyprov:pskc:totp"
    static let pin: StaticString = "urn:ietf:params:xml:ns:keyprov:pskc:pin"
    static let yubico: StaticString = "http://www.yubico.com/#yubikey-aes"

    /// The encoding of passwords that are not digits (RFC 6030 section 4.2.4).
    static let alphanumeric: StaticString = "ALPHANUMERIC"

    /// Prefixes for writing, all declared at the root.
    static let prefixes: KeyValuePairs<String, String> = [
        "Version": version,
        "xmlns:pskc": namespace.description,
        "xmlns:ds": "http://www.w3.org/2000/09/xmldsig#",
        "xmlns:xenc": "http://www.w3.org/2001/04/xmlenc#",
        "xmlns:xenc11": "http://www.w3.org/2009/xmlenc11#",
        "xmlns:pkcs5": "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#",
    ]

    /// Key derivation (RFC 6030 section 6.2).
    static let pbkdf2: StaticString = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"

    /// The name of a cipher (XML Encryption section 5.2).
    static func cipher(keyLength: Int) -> String { "http://www.w3.org/2001/04/xmlenc#aes\(keyLength * 8)-cbc" }

    /// Bytes of the key of a cipher; nil for one that is not supported.
    static func keyLength(ofCipher name: String) -> Int? {
        AESCBC.keyLengths.first { cipher(keyLength: $0) == name }
    }

    /// The name of HMAC with a hash (XML Signature section 6.3, RFC 6931 section 2.2).
    static func mac(_ algorithm: HashAlgorithm) -> String {
        switch algorithm {
        case .sha1: "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
        case .sha256: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        case .sha512: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512"
        }
    }

    static func hash(ofMAC name: String) -> HashAlgorithm? { HashAlgorithm.allCases.first { mac($0) == name } }

    /// The hash that an importer would take from `Suite`: `SHA256`, `HMAC-SHA256`, `HmacSHA256`.
    static func hash(ofSuite name: String) -> HashAlgorithm? {
        let letters = name.uppercased().filter { $0.isLetter || $0.isNumber }
        let hash = letters.hasPrefix("HMAC") ? letters.dropFirst("HMAC".count) : letters[...]
        return HashAlgorithm.allCases.first { $0.rawValue == hash }
    }
}

extension FormatError.Code {
    /// A password or key that does not open the file, or a file that was changed: nothing can tell the two apart.
    public static let wrongPassphrase = Self(rawValue: "wrong passphrase")
    /// The cryptographic library failed.
    public static let failed = Self(rawValue: "failed")
}

extension FormatError.Reason {
    public static let doesNotOpen: Self = "the passphrase does not open it, or the file was changed"
    public static let cryptography: Self = "the cryptographic library failed"
}
