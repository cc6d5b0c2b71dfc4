internal import ByteBuffers

/// Whom a file is sealed to: an X25519 public key, `age1…` (C2SP age, "The X25519 recipient type").
public struct AgeRecipient: Hashable, Sendable {
    static let prefix: StaticString = "age"

    /// 32 bytes.
    public let publicKey: [UInt8]

    init(publicKey: [UInt8]) { self.publicKey = publicKey }

    /// - Parameter text: `age1…` and nothing else.
    public init(parsing text: RawSpan) throws(SealError) {
        do throws(KeyFault) {
            publicKey = try Bech32.decode(text, prefix: Self.prefix).withBytes { [UInt8](copying: $0) }
        } catch {
            throw .malformedKey(error, line: nil)
        }
        guard publicKey.count == X25519.length else { throw .malformedKey(.length, line: nil) }
    }

    public init(_ text: String) throws(SealError) {
        self = try WipedBuffer(Array(text.utf8)).withBytes { (text: RawSpan) throws(SealError) in
            try AgeRecipient(parsing: text)
        }
    }

    /// `age1…`, 62 characters.
    public var text: String {
        let text = WipedBuffer()
        WipedBuffer(publicKey).withBytes { Bech32.encode($0, prefix: Self.prefix, into: text) }
        return text.withBytes { String(decoding: $0) }
    }

    /// The recipients of a file with one a line; lines that are empty or begin with `#` are passed over.
    public static func list(parsing file: RawSpan) throws(SealError) -> [AgeRecipient] {
        try KeyFile.entries(of: file) { (line: RawSpan) throws(SealError) in try AgeRecipient(parsing: line) }
    }
}
