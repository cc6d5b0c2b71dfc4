internal import ByteBuffers

/// The encryption of a file that is written: one key from outside, one random key for the MACs.
struct PSKCSealing {
    private let format: PSKCFormat
    private let random: any RandomSource
    private let derivation: PSKCDerivation?
    private let keys: PSKCKeys

    /// Nil for a file in clear.
    init?(format: PSKCFormat, options: EncodingOptions) throws(FormatError) {
        guard let passphrase = options.passphrase else { return nil }
        self.format = format
        random = options.random
        switch format.protection {
        case .plain: return nil
        case .preShared:
            derivation = nil
            let key = try PSKCEncryption.preSharedKey(passphrase)
            guard key.count == format.keyLength else {
                throw FormatError(
                    .unsupported, format.keyLength == 32 ? .thirtyTwoByteKey : .sixteenByteKey, field: .passphrase)
            }
            keys = PSKCKeys(
                encryption: key, mac: try Self.bytes(format.hash.digestLength, random), macAlgorithm: format.hash)
        case .password:
            let salt = try Self.bytes(Self.saltLength, random).withBytes { [UInt8](copying: $0) }
            let derivation = PSKCDerivation(
                salt: salt, iterations: UInt64(max(options.iterations, 1)), keyLength: UInt64(format.keyLength),
                hash: format.hash)
            self.derivation = derivation
            keys = PSKCKeys(
                encryption: try derivation.key(of: passphrase), mac: try Self.bytes(format.hash.digestLength, random),
                macAlgorithm: format.hash)
        }
    }

    /// NIST SP 800-132 section 5.1 asks for 16 bytes at least.
    private static let saltLength = 16
    /// The name of figure 6; what is known of the key is with whom the file is exchanged.
    private static let keyName = "Pre-shared-key"
    private static let masterKeyName = "Passphrase"

    /// `EncryptionKey` and `MACMethod`.
    func writeHead(_ writer: XMLWriter) throws(FormatError) {
        let macKey = try keys.mac.withBytes { (bytes: RawSpan) throws(FormatError) in try encrypt(bytes) }
        writer.element("pskc:EncryptionKey") {
            if let derivation { write(derivation, writer) } else { writer.text("ds:KeyName", Self.keyName) }
        }
        writer.element("pskc:MACMethod", ["Algorithm": PSKC.mac(keys.macAlgorithm)]) {
            writer.element("pskc:MACKey") { write(ciphertext: macKey, writer) }
        }
    }

    /// Initialization vector and ciphertext of a secret, and the MAC over both.
    typealias Sealed = (ciphertext: [UInt8], mac: [UInt8])

    func seal(_ secret: Secret) throws(FormatError) -> Sealed {
        let ciphertext = try secret.withBytes { (bytes: RawSpan) throws(FormatError) in try encrypt(bytes) }
        do throws(CryptoError) {
            return (
                ciphertext, try HMAC.authenticate(ciphertext, key: keys.mac, algorithm: keys.macAlgorithm)
            )
        } catch {
            throw FormatError(.failed, .cryptography, field: .secret)
        }
    }

    func write(_ sealed: Sealed, _ writer: XMLWriter) {
        writer.element("pskc:EncryptedValue") { write(ciphertext: sealed.ciphertext, writer) }
        WipedBuffer(sealed.mac).withBytes { bytes in writer.base64("pskc:ValueMAC", bytes) }
    }

    private func encrypt(_ bytes: RawSpan) throws(FormatError) -> [UInt8] {
        do throws(CryptoError) {
            return try AESCBC.encrypt(bytes, key: keys.encryption, random: random)
        } catch {
            throw FormatError(.failed, .cryptography, field: .secret)
        }
    }

    private func write(ciphertext: [UInt8], _ writer: XMLWriter) {
        writer.element("xenc:EncryptionMethod", ["Algorithm": PSKC.cipher(keyLength: format.keyLength)])
        writer.element("xenc:CipherData") {
            WipedBuffer(ciphertext).withBytes { bytes in writer.base64("xenc:CipherValue", bytes) }
        }
    }

    private func write(_ derivation: PSKCDerivation, _ writer: XMLWriter) {
        writer.element("xenc11:DerivedKey") {
            writer.element("xenc11:KeyDerivationMethod", ["Algorithm": PSKC.pbkdf2.description]) {
                writer.element("pkcs5:PBKDF2-params") {
                    writer.element("Salt") {
                        WipedBuffer(derivation.salt).withBytes { bytes in writer.base64("Specified", bytes) }
                    }
                    writer.text("IterationCount", String(derivation.iterations))
                    writer.text("KeyLength", String(derivation.keyLength))
                    // Empty for SHA1: two importers know no other and stumble over the name.
                    if derivation.hash == .sha1 {
                        writer.element("PRF")
                    } else {
                        writer.element("PRF", ["Algorithm": PSKC.mac(derivation.hash)])
                    }
                }
            }
            writer.text("xenc11:MasterKeyName", Self.masterKeyName)
        }
    }

    private static func bytes(_ count: Int, _ random: any RandomSource) throws(FormatError) -> Secret {
        do throws(CryptoError) {
            return try Secret.random(count: count, from: random)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }
}

extension FormatError.Reason {
    public static let sixteenByteKey: Self = "not 32 hexadecimal digits, which is what importers take"
    public static let thirtyTwoByteKey: Self = "not 64 hexadecimal digits, as many as AES-256 takes"
}
