internal import ByteBuffers
public import SecretFormats

extension SheetEntry {
    /// Times in the past, whose codes no server takes any more: the first seconds of 2020 and of 2021, UTC.
    public static let pastTimes: [UInt64] = [1_577_836_800, 1_609_459_200]

    /// Everything that the credential itself says.
    ///
    /// - Parameter fields: lines of the server's form.
    public init(_ credential: Credential, fields: [Field]) throws(SheetEntryError) {
        self.init(
            credential.label, credential.kind, credential.algorithm, digits: credential.digits, fields: fields)
        texts[.check] = try Self.checkValue(of: credential.secret)
        secret = Base32.groups(of: credential.secret)
        uri = try Self.uri(of: credential)
        codes = try Self.pastCodes(of: credential)
    }

    /// What a credential says but for its secret and what follows from that.
    public init(
        _ label: Label, _ kind: Credential.Kind, _ algorithm: HashAlgorithm, digits: Int, fields: [Field]
    ) {
        var texts: [Name: String] = [
            .account: label.account, .algorithm: algorithm.rawValue, .digits: String(digits),
        ]
        texts[.issuer] = label.issuer
        switch kind {
        case .totp(let period):
            texts[.type] = "totp"
            texts[.period] = String(period)
        case .hotp(let counter):
            texts[.type] = "hotp"
            texts[.counter] = String(counter)
        }
        self.init(texts: texts, fields: fields)
    }

    /// The first eight hexadecimal digits of the SHA-256 of the secret's base32 text, capitals without spaces, so that
    /// `printf %s SECRET | sha256sum` shows them. 32 bits of a hash tell nothing that helps to guess 128 bits or more.
    static func checkValue(of secret: Secret) throws(SheetEntryError) -> String {
        do throws(CryptoError) {
            let digest = try Base32.encode(secret).hashed(with: .sha256)
            let text = WipedBuffer(capacity: checkLength * 2)
            digest.withBytes { Hex.encode($0.extracting(first: checkLength), into: text) }
            return text.withBytes { String(decoding: $0) }
        } catch {
            throw .cryptography
        }
    }

    private static let checkLength = 4

    private static func uri(of credential: Credential) throws(SheetEntryError) -> Secret {
        do throws(FormatError) {
            return try OTPAuthURI.encode(credential)
        } catch {
            throw .format(error)
        }
    }

    /// For counters the codes before the first one that counts; a credential that starts at 0 has none.
    private static func pastCodes(of credential: Credential) throws(SheetEntryError) -> [ExpectedCode] {
        do throws(CryptoError) {
            switch credential.kind {
            case .totp:
                return try pastTimes.map { time throws(CryptoError) in
                    ExpectedCode(moment: time, code: try OneTimePassword.code(for: credential, at: time))
                }
            case .hotp(let counter):
                return try (counter - min(counter, UInt64(pastTimes.count))..<counter)
                    .map { counter throws(CryptoError) in
                        ExpectedCode(
                            moment: counter, code: try OneTimePassword.code(for: credential, counter: counter))
                    }
            }
        } catch {
            throw .cryptography
        }
    }
}

/// A credential could not be put on paper.
public enum SheetEntryError: Error, Hashable {
    case format(FormatError)
    case cryptography
}
