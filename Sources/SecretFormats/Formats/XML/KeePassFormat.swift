internal import ByteBuffers

/// KeePassXC's XML export, which is KeePass 2's.
///
/// ```
/// KeePassFile
///   Meta    RecycleBinUUID
///   Root    Group(UUID Name Group… Entry(UUID String(Key Value)… History(Entry…))…)
/// ```
///
/// Read are, in this order: the attribute `otp`, KeePassXC's since 2.5, with an `otpauth` URI or KeeOtp's
/// `key=…&size=…&step=…`; `TOTP Seed` with `TOTP Settings`, which it wrote before; and KeePass 2's own `TimeOtp-…`.
/// Title and UserName name a secret that has no label. Entries in the recycle bin and former versions of entries are
/// left out.
///
/// KeePassXC takes an `otpauth://hotp` URI for a time-based one without a word, so those are refused.
struct KeePassFormat: SecretFormat {
    let name = "keepassxc"
    let summary = "XML export of KeePassXC and KeePass 2"
    /// A period above 60 is computed as 60, without a word (KeePassXC 2.7.4, tried).
    let limits = FormatLimits(
        readBy: "KeePassXC", kinds: [.totp], periods: .atMost(60), carried: [.issuer, .account])
    let judges = ["KeePassXC"]

    static let rootElement: StaticString = "<KeePassFile"

    func recognizes(_ start: RawSpan) -> Bool {
        let text = start.extracting(LineReader.firstText(of: start))
        guard text.first == UInt8(ascii: "<") else { return false }
        return (0..<text.byteCount).contains { text.extracting(droppingFirst: $0).starts(withASCII: Self.rootElement) }
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) throws(FormatError) -> any RecordDecoding {
        KeePassDecoder(try XMLStream(source))
    }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        KeePassEncoder(try XMLWriter(), options: options)
    }
}

/// Writes one group with an entry a line.
private final class KeePassEncoder: RecordEncoding {
    private let writer: XMLWriter
    private let options: EncodingOptions

    private static let group = "keyprov"

    init(_ writer: XMLWriter, options: EncodingOptions) {
        self.writer = writer
        self.options = options
    }

    func start(into output: WipedBuffer) throws(FormatError) {
        let identity = try UUIDText.bytes(options)
        writer.startDocument()
        writer.start("KeePassFile")
        writer.element("Meta") { writer.text("Generator", Self.group) }
        writer.start("Root")
        writer.start("Group")
        WipedBuffer(identity).withBytes { writer.base64("UUID", $0) }
        writer.text("Name", Self.group)
        writer.newLine()
        try writer.flush(into: output)
    }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        let label = credential.label
        try XMLLibrary.check(label.issuer, .issuer)
        try XMLLibrary.check(label.account, .account)
        let identity = try UUIDText.bytes(options)
        let uri = WipedBuffer(capacity: 256)
        OTPAuthURI.encode(credential, explicit: true, into: uri)
        writer.element("Entry") {
            WipedBuffer(identity).withBytes { writer.base64("UUID", $0) }
            for (key, value) in [("Title", label.issuer ?? label.account), ("UserName", label.account)] {
                writer.element("String") {
                    writer.text("Key", key)
                    writer.text("Value", value)
                }
            }
            writer.element("String") {
                writer.text("Key", "otp")
                writer.secret("Value", ["ProtectInMemory": "True"], uri)
            }
        }
        writer.newLine()
        try writer.flush(into: output)
    }

    func end(into output: WipedBuffer) throws(FormatError) {
        for _ in ["Group", "Root", "KeePassFile"] { writer.end() }
        writer.endDocument()
        try writer.flush(into: output)
    }
}
