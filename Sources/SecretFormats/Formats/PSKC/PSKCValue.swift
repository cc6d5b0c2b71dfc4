internal import ByteBuffers

/// A value of `Data` (RFC 6030 section 4.2): in clear, or encrypted with its MAC.
enum PSKCValue {
    case plain(WipedBuffer)
    /// Initialization vector and ciphertext, the bytes of the cipher's key, and the MAC over the former.
    case encrypted([UInt8], keyLength: Int, mac: [UInt8]?)

    /// Reads the content of `Secret`, `Counter` and the like.
    init(_ stream: XMLStream) throws(FormatError) {
        var value: PSKCValue?
        var mac: [UInt8]?
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("PlainValue") || stream.isElement("EncryptedValue") {
                guard value == nil else { throw stream.failure(.duplicate, .givenTwice) }
                value =
                    stream.isElement("PlainValue") ? .plain(try stream.text()) : try PSKCValue(encrypted: stream)
            } else if stream.isElement("ValueMAC") {
                mac = try stream.base64()
            } else {
                try stream.skip()
            }
        }
        switch value {
        case .plain(let text)?: self = .plain(text)
        case .encrypted(let ciphertext, let keyLength, _)?:
            self = .encrypted(ciphertext, keyLength: keyLength, mac: mac)
        case nil: throw stream.failure(.missing, .empty)
        }
    }

    /// Reads `EncryptedValue` or `MACKey` (XML Encryption section 3.1, `EncryptedDataType`).
    init(encrypted stream: XMLStream) throws(FormatError) {
        var keyLength: Int?
        var ciphertext: [UInt8]?
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("EncryptionMethod") {
                keyLength = PSKC.keyLength(ofCipher: try stream.attribute("Algorithm") ?? "")
                guard keyLength != nil else { throw stream.failure(.unsupported, .otherCipher) }
                try stream.skip()
            } else if stream.isElement("CipherData") {
                try stream.forEachChild { () throws(FormatError) in
                    guard stream.isElement("CipherValue") else { throw stream.failure(.unsupported, .otherCipher) }
                    ciphertext = try stream.base64()
                }
            } else {
                try stream.skip()
            }
        }
        guard let keyLength, let ciphertext else { throw stream.failure(.missing, .noCiphertext) }
        self = .encrypted(ciphertext, keyLength: keyLength, mac: nil)
    }

    /// The bytes, once the MAC was right.
    func opened(with keys: PSKCKeys?) throws(FormatError) -> Secret {
        switch self {
        case .plain(let text):
            do throws(FormatError) { return try text.withBytes(Base64.decode) } catch { throw error.about(.secret) }
        case .encrypted(let ciphertext, let keyLength, let mac):
            guard let keys else { throw FormatError(.missing, .noEncryptionKey, field: .secret) }
            return try keys.open(ciphertext, keyLength: keyLength, mac: mac)
        }
    }

    /// A number in clear, as all writers have it.
    func number(_ field: FormatError.Field) throws(FormatError) -> UInt64 {
        guard case .plain(let text) = self else { throw FormatError(.unsupported, .encryptedNumber, field: field) }
        return try text.withBytes { (bytes: RawSpan) throws(FormatError) in
            do throws(FormatError) {
                return try bytes.extracting(bytes.trimmedRange(where: ASCII.isWhitespace)).decimalNumber()
            } catch {
                throw error.about(field)
            }
        }
    }
}

extension XMLStream {
    /// The text of the current element without white space around it; nil when there is none. Not for secrets.
    func string(_ field: FormatError.Field) throws(FormatError) -> String? {
        let text = try text()
        return try text.withBytes { (bytes: RawSpan) throws(FormatError) in
            let content = bytes.extracting(bytes.trimmedRange(where: ASCII.isWhitespace))
            guard let text = content.utf8Text() else { throw failure(.malformed, .notUTF8).about(field) }
            return text.isEmpty ? nil : text
        }
    }

    func number(_ field: FormatError.Field) throws(FormatError) -> UInt64 {
        try PSKCValue.plain(text()).number(field)
    }

    /// Bytes that are no secret.
    func base64() throws(FormatError) -> [UInt8] {
        try text().withBytes(Base64.decode).withBytes { [UInt8](copying: $0) }
    }
}

extension FormatError.Reason {
    public static let otherCipher: Self = "encrypted with something other than AES in CBC mode"
    public static let noCiphertext: Self = "encrypted, without a cipher or a ciphertext"
    public static let noEncryptionKey: Self = "encrypted, and the file says with no key"
    public static let encryptedNumber: Self = "a number that is encrypted"
}
