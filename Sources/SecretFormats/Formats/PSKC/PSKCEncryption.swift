internal import ByteBuffers

/// `EncryptionKey` and `MACMethod` of a container while they are read (RFC 6030 sections 6.1 and 6.2).
struct PSKCEncryption {
    private enum Source {
        case preShared
        case password(PSKCDerivation)
    }

    private var source: Source?
    private var macAlgorithm: HashAlgorithm?
    private var macKey: PSKCValue?

    /// The keys; nil where the file has neither of the two elements.
    func keys(passphrase: Secret?) throws(FormatError) -> PSKCKeys? {
        guard let source else { return nil }
        guard let passphrase else { throw FormatError(.missing, .fileIsEncrypted, field: .passphrase) }
        let encryption: Secret
        switch source {
        case .preShared: encryption = try Self.preSharedKey(passphrase)
        case .password(let derivation): encryption = try derivation.key(of: passphrase)
        }
        guard let macAlgorithm else { throw FormatError(.missing, .noMAC) }
        var mac = encryption
        if let macKey {
            guard case .encrypted(let ciphertext, let keyLength, _) = macKey else {
                throw FormatError(.malformed, .plainMACKey)
            }
            mac = try PSKCKeys.decrypt(ciphertext, key: encryption, keyLength: keyLength)
        }
        return PSKCKeys(encryption: encryption, mac: mac, macAlgorithm: macAlgorithm)
    }

    /// A pre-shared key is typed and stored as hexadecimal digits.
    static func preSharedKey(_ digits: Secret) throws(FormatError) -> Secret {
        let key: Secret
        do throws(FormatError) { key = try digits.withBytes(Hex.decode) } catch { throw error.about(.passphrase) }
        guard AESCBC.keyLengths.contains(key.count) else {
            throw FormatError(.malformed, .keyLength, field: .passphrase)
        }
        return key
    }

    mutating func readEncryptionKey(_ stream: XMLStream) throws(FormatError) {
        var found: Source?
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("KeyName") {
                found = .preShared
                try stream.skip()
            } else if stream.isElement("DerivedKey") {
                found = .password(try Self.derivation(stream))
            } else {
                // Certificates (X509Data) and whatever else names a key.
                throw stream.failure(.unsupported, .otherKey)
            }
        }
        source = found
    }

    mutating func readMACMethod(_ stream: XMLStream) throws(FormatError) {
        guard let algorithm = PSKC.hash(ofMAC: try stream.attribute("Algorithm") ?? "") else {
            throw stream.failure(.unsupported, .otherMAC)
        }
        macAlgorithm = algorithm
        var key: PSKCValue?
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("MACKey") {
                key = try PSKCValue(encrypted: stream)
            } else {
                try stream.skip()
            }
        }
        macKey = key
    }

    private static func derivation(_ stream: XMLStream) throws(FormatError) -> PSKCDerivation {
        var derivation: PSKCDerivation?
        try stream.forEachChild { () throws(FormatError) in
            guard stream.isElement("KeyDerivationMethod") else { return try stream.skip() }
            guard try stream.attribute("Algorithm") == PSKC.pbkdf2.description else {
                throw stream.failure(.unsupported, .otherDerivation)
            }
            try stream.forEachChild { () throws(FormatError) in
                guard stream.isElement("PBKDF2-params") else { return try stream.skip() }
                derivation = try parameters(stream)
            }
        }
        guard let derivation else { throw stream.failure(.missing, .otherDerivation) }
        return derivation
    }

    /// The parameters stand in the namespace of PKCS #5 (the RFC), of XML Encryption 1.1 (python-pskc) or in none.
    private static func parameters(_ stream: XMLStream) throws(FormatError) -> PSKCDerivation {
        var derivation = PSKCDerivation()
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Salt") {
                try stream.forEachChild { () throws(FormatError) in
                    guard stream.isElement("Specified") else { throw stream.failure(.unsupported, .otherDerivation) }
                    derivation.salt = try stream.text().withBytes(Base64.decode).withBytes { [UInt8](copying: $0) }
                }
            } else if stream.isElement("IterationCount") {
                derivation.iterations = try stream.number(.passphrase)
            } else if stream.isElement("KeyLength") {
                derivation.keyLength = try stream.number(.passphrase)
            } else if stream.isElement("PRF") {
                // PKCS #5 has the name as an attribute, which python-pskc reads; what it writes is text.
                let attribute = try stream.attribute("Algorithm")
                let text = try stream.string(.passphrase)
                guard let name = attribute ?? text else { return }
                guard let hash = PSKC.hash(ofMAC: name) else { throw stream.failure(.unsupported, .otherDerivation) }
                derivation.hash = hash
            } else {
                try stream.skip()
            }
        }
        return derivation
    }
}

extension FormatError.Reason {
    public static let fileIsEncrypted: Self = "the file is encrypted, so one is needed"
    public static let plainMACKey: Self = "a MAC key that is not encrypted"
    public static let otherKey: Self = "a key that is neither pre-shared nor derived from a password"
    public static let otherMAC: Self = "a MAC other than HMAC with SHA1, SHA256 or SHA512"
    public static let otherDerivation: Self = "a key derivation other than PBKDF2 with SHA1, SHA256 or SHA512"
}
