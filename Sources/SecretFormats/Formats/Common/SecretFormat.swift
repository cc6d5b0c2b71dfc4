public import ByteBuffers

/// A text or file form in which credentials travel to and from servers and apps.
///
/// A file is read and written one record at a time, so that a batch of any size takes the memory of one record.
/// `reader` and `writer` are what programs call; `makeDecoder` and `makeEncoder` are what a format brings.
public protocol SecretFormat: Sendable {
    /// The name on the command line: lower case, no spaces.
    var name: String { get }
    /// One line for a list of formats.
    var summary: String { get }
    /// What the format, or the server that reads it, can hold.
    var limits: FormatLimits { get }
    /// Programs that read what is written here, each time the tests run; empty where none can be had.
    var judges: [String] { get }
    /// Whether there is anything that reads it here.
    var isReadable: Bool { get }
    /// Whether it is written here; what only one app writes and reads is taken in and not made.
    var isWritable: Bool { get }
    /// The format that a file of this one is recognized as: itself, but for formats that differ in how they are
    /// written only.
    var family: String { get }
    /// Whether a file is encrypted with `passphrase` of the options.
    var encryption: FormatEncryption { get }

    /// Whether a file that begins with `start` (its first few hundred bytes, or all) looks like this format.
    func recognizes(_ start: RawSpan) -> Bool

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) throws(FormatError) -> any RecordDecoding
    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding
}

public enum FormatEncryption: String, Sendable {
    /// The format has no place for ciphertext.
    case none
    /// Encrypted when a passphrase is given, plain otherwise.
    case optional
    /// There is no plain form.
    case required
}

/// What a reader may need beside the file.
public struct DecodingOptions: Sendable {
    /// Names the credential of a format that has no place for a name; others ignore it.
    public var label: Label?
    /// Opens an encrypted file: a password as UTF-8, or the digits of a key where the format has one.
    public var passphrase: Secret?

    public init(label: Label? = nil, passphrase: Secret? = nil) {
        self.label = label
        self.passphrase = passphrase
    }
}

/// What a writer may need beside the records.
public struct EncodingOptions: Sendable {
    /// Encrypts the file, where the format can.
    public var passphrase: Secret?
    /// For initialization vectors, salts and keys of the file's own.
    public var random: any RandomSource
    /// Rounds of password-based key derivation.
    public var iterations: Int
    /// Seconds since 1970, for formats that say when a token was made.
    public var unixTime: Int

    /// 100,000 rounds of PBKDF2 went through every importer that was tried; half of that is what the slowest of them
    /// takes a second for.
    public static let defaultIterations = 100_000

    public init(
        passphrase: Secret? = nil, random: any RandomSource = SystemRandom(), iterations: Int = defaultIterations,
        unixTime: Int = 0
    ) {
        self.passphrase = passphrase
        self.random = random
        self.iterations = iterations
        self.unixTime = unixTime
    }
}

/// The records of a file, one after another.
public protocol RecordDecoding: AnyObject {
    /// Nil at the end of the file. Not called again after that or after an error.
    func next() throws(FormatError) -> TokenRecord?

    /// What the file says and no record can hold, so far.
    var leftOut: Set<FormatError.Field> { get }
}

extension RecordDecoding {
    public var leftOut: Set<FormatError.Field> { [] }
}

/// A file as it comes into being: start, records, end.
public protocol RecordEncoding: AnyObject {
    func start(into output: WipedBuffer) throws(FormatError)
    /// `record` is within the format's limits.
    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError)
    func end(into output: WipedBuffer) throws(FormatError)
}

extension RecordEncoding {
    public func start(into output: WipedBuffer) throws(FormatError) {}
    public func end(into output: WipedBuffer) throws(FormatError) {}
}

extension SecretFormat {
    public var judges: [String] { [] }
    public var isReadable: Bool { true }
    public var isWritable: Bool { true }
    public var family: String { name }
    public var encryption: FormatEncryption { .none }
}
