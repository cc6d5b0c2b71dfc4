import ByteBuffers
import SecretFormats

/// A credential that was found, without having been asked for anything yet.
struct FoundCredential {
    let credential: Credential
    /// Whether it is no more than a secret: all else is taken from options.
    let isBare: Bool
    /// The issuer that the label says, where the parameter says another.
    var overruledIssuer: String?
}

/// Finds the credentials in what was taken in.
struct ImportedCredentials {
    /// Of the file; nil to look at the content.
    let format: (any SecretFormat)?
    let passphrase: Secret?
    /// For secrets without a name.
    let label: Label?

    private static let migrationName = "otpauth-migration"
    private static let otpauthName = "otpauth"

    /// The pages of an export belong together, wherever each came from; everything else stands for itself.
    func find(in texts: [ImportedText]) throws -> [FoundCredential] {
        var found: [FoundCredential] = []
        let pages = WipedBuffer()
        var unusable = 0
        for text in texts {
            guard let (format, bytes) = try recognize(text) else {
                unusable += 1
                continue
            }
            if format.name == BareSecret.formatName, label == nil { throw ImportFailure.noName }
            if format.name == Self.migrationName {
                bytes.withBytes { pages.append(contentsOf: $0) }
                pages.append(UInt8(ascii: "\n"))
            } else {
                found += try credentials(in: bytes, as: format)
            }
        }
        if !pages.isEmpty, let format = FormatList.named(Self.migrationName) {
            found += try credentials(in: Secret(pages), as: format)
        }
        guard !found.isEmpty else {
            throw ImportFailure.nothingUsable(name: texts.first?.name ?? "", count: unusable)
        }
        return found
    }

    /// - Returns: the format, and the bytes as it takes them; nil for a code in a picture that is something else, as the
    ///   address of a web page.
    private func recognize(_ text: ImportedText) throws -> (any SecretFormat, Secret)? {
        if let format, !text.isFromPicture { return (format, text.bytes) }
        let plain = BareSecret.withPlainSpaces(text.bytes)
        let candidates = plain.withBytes { FormatList.candidates(for: $0) }
        if text.isFromPicture {
            return candidates.first { Self.formatsOfCodes.contains($0.name) }.map { ($0, plain) }
        }
        switch candidates.count {
        case 1: return candidates.first.map { ($0, $0.name == BareSecret.formatName ? plain : text.bytes) }
        case 0:
            // A secret that a page broke over lines looks like no file of secrets, which has one on each line.
            guard plain.count <= BareSecret.longest, let format = FormatList.named(BareSecret.formatName) else {
                throw ImportFailure.unknownFormat(name: text.name)
            }
            return (format, BareSecret.joined(plain))
        default: throw ImportFailure.ambiguousFormat(name: text.name, candidates: candidates.map(\.name))
        }
    }

    private static let formatsOfCodes = [otpauthName, migrationName, BareSecret.formatName]

    private func credentials(in bytes: Secret, as format: any SecretFormat) throws(FormatError) -> [FoundCredential] {
        guard format.name != Self.otpauthName else { return try uris(in: bytes) }
        return try records(of: bytes, as: format).map { credential in
            FoundCredential(credential: credential, isBare: format.name == BareSecret.formatName)
        }
    }

    private func records(of bytes: Secret, as format: any SecretFormat) throws(FormatError) -> [Credential] {
        let options = DecodingOptions(label: label, passphrase: passphrase)
        return try bytes.withBytes { (bytes: RawSpan) throws(FormatError) in try format.decode(bytes, options: options)
        }
        .compactMap(\.credential)
    }

    /// Line by line, as a URI can say more than a record holds.
    private func uris(in bytes: Secret) throws(FormatError) -> [FoundCredential] {
        var found: [FoundCredential] = []
        try bytes.withBytes { (bytes: RawSpan) throws(FormatError) in
            try bytes.forEachLine { (line: RawSpan) throws(FormatError) in
                let decoded = try OTPAuthURI.decodeWithExtras(line)
                found.append(
                    FoundCredential(
                        credential: decoded.credential, isBare: false, overruledIssuer: decoded.overruledIssuer))
            }
        }
        return found
    }
}

extension RawSpan {
    /// Calls `body` with each line that is not blank.
    fileprivate func forEachLine(_ body: (RawSpan) throws(FormatError) -> Void) throws(FormatError) {
        var start = 0
        while start < byteCount {
            var end = start
            var isBlank = true
            while let byte = byte(at: end), byte != UInt8(ascii: "\n") {
                isBlank = isBlank && [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(byte)
                end += 1
            }
            if !isBlank { try body(extracting(start..<end)) }
            start = end + 1
        }
    }
}
