public import ByteBuffers
public import SecretFormats

/// What opens a file that is sealed to its recipient: an X25519 private key, `AGE-SECRET-KEY-1…` (C2SP age, "The X25519
/// recipient type").
public struct AgeIdentity: Sendable {
    static let prefix: StaticString = "age-secret-key-"

    let privateKey: Secret
    public let recipient: AgeRecipient

    init(privateKey: Secret) throws(SealError) {
        self.privateKey = privateKey
        recipient = AgeRecipient(publicKey: try X25519.publicKey(of: privateKey))
    }

    public static func generate(from random: some RandomSource) throws(SealError) -> AgeIdentity {
        try AgeIdentity(
            privateKey: SealError.crypto { () throws(CryptoError) in
                try Secret.random(count: X25519.length, from: random)
            })
    }

    /// - Parameter text: `AGE-SECRET-KEY-1…` and nothing else.
    public init(parsing text: RawSpan) throws(SealError) {
        let bytes: WipedBuffer
        do throws(KeyFault) { bytes = try Bech32.decode(text, prefix: Self.prefix) } catch {
            throw .malformedKey(error, line: nil)
        }
        guard bytes.count == X25519.length else { throw .malformedKey(.length, line: nil) }
        try self.init(privateKey: Secret(bytes))
    }

    /// Appends `AGE-SECRET-KEY-1…`, 74 characters.
    public func write(into output: WipedBuffer) {
        let small = WipedBuffer()
        privateKey.withBytes { Bech32.encode($0, prefix: Self.prefix, into: small) }
        small.withBytes { small in
            for offset in 0..<small.byteCount {
                let byte = small.byte(at: offset) ?? 0
                output.append(UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte & Self.capital : byte)
            }
        }
    }

    private static let capital: UInt8 = 0b1101_1111

    /// The identities of a file with one a line; lines that are empty or begin with `#` are passed over.
    public static func list(parsing file: RawSpan) throws(SealError) -> [AgeIdentity] {
        try KeyFile.entries(of: file) { (line: RawSpan) throws(SealError) in try AgeIdentity(parsing: line) }
    }
}
