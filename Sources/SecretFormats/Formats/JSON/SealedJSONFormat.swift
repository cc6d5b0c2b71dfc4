internal import ByteBuffers

/// A JSON format whose app can encrypt a backup with a password.
///
/// With a passphrase, `head`, accounts and `tail` make what is encrypted, which is put together in wiped memory first.
protocol SealedJSONFormat: JSONFormat {
    /// Appends the whole file.
    func seal(
        _ plaintext: RawSpan, with passphrase: Secret, options: EncodingOptions, into output: WipedBuffer
    ) throws(FormatError)
}

extension SealedJSONFormat {
    var encryption: FormatEncryption { .optional }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        let encoding = JSONEncoding(format: self, options: options)
        guard let passphrase = options.passphrase else { return encoding }
        return SealedJSONEncoding(encoding, format: self, passphrase: passphrase, options: options)
    }
}

private final class SealedJSONEncoding<Format: SealedJSONFormat>: RecordEncoding {
    private let encoding: JSONEncoding<Format>
    private let format: Format
    private let passphrase: Secret
    private let options: EncodingOptions
    private let plaintext = WipedBuffer()

    init(_ encoding: JSONEncoding<Format>, format: Format, passphrase: Secret, options: EncodingOptions) {
        self.encoding = encoding
        self.format = format
        self.passphrase = passphrase
        self.options = options
    }

    func start(into output: WipedBuffer) { encoding.start(into: plaintext) }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        guard plaintext.count <= WholeFile.longest else {
            throw FormatError(.unsupported, .fileTooLong, field: .secret)
        }
        try encoding.append(record, into: plaintext)
    }

    func end(into output: WipedBuffer) throws(FormatError) {
        encoding.end(into: plaintext)
        try plaintext.withBytes { (bytes: RawSpan) throws(FormatError) in
            try format.seal(bytes, with: passphrase, options: options, into: output)
        }
    }
}
