/// A secret and how one-time passwords are made from it.
///
/// Every value is one that a server and a key can share: an invalid combination cannot be made.
public struct Credential: Equatable, Sendable {
    /// What moves the password on.
    public enum Kind: Hashable, Sendable {
        /// Time (RFC 6238): a step of `period` seconds, counted from 1970.
        case totp(period: Int)
        /// Use (RFC 4226): `counter` is the next one to be accepted.
        case hotp(counter: UInt64)
    }

    /// Length of a password: RFC 4226 section 5.3 wants six at least; no key makes more than eight.
    public static let digitsRange = 6...8
    /// Seconds of a time step. Above a day a code would be as good as a password.
    public static let periodRange = 1...86_400
    /// Highest counter: servers and apps hold it in a signed 64-bit integer, so the upper half would turn negative.
    public static let counterRange: ClosedRange<UInt64> = 0...UInt64(Int64.max)
    /// Bytes of a secret. HMAC hashes a key above 128 bytes down to 64 at most, so longer ones gain nothing; the limit
    /// leaves room for what servers store as text and stops a file that is no secret at all.
    public static let secretRange = 1...1024

    public static let defaultPeriod = 30
    public static let defaultDigits = 6

    public let label: Label
    public let kind: Kind
    public let algorithm: HashAlgorithm
    public let digits: Int
    public let secret: Secret

    /// The defaults are those that every reader of every format takes.
    public init(
        label: Label, kind: Kind = .totp(period: defaultPeriod), algorithm: HashAlgorithm = .sha1,
        digits: Int = defaultDigits, secret: Secret
    ) throws(FormatError) {
        guard Self.digitsRange.contains(digits) else { throw FormatError(.unsupported, .digitsRange, field: .digits) }
        switch kind {
        case .totp(let period):
            guard Self.periodRange.contains(period) else {
                throw FormatError(.unsupported, .periodRange, field: .period)
            }
        case .hotp(let counter):
            guard Self.counterRange.contains(counter) else {
                throw FormatError(.unsupported, .counterRange, field: .counter)
            }
        }
        guard secret.count >= Self.secretRange.lowerBound else { throw FormatError(.missing, .empty, field: .secret) }
        guard secret.count <= Self.secretRange.upperBound else {
            throw FormatError(.unsupported, .secretTooLong, field: .secret)
        }
        self.label = label
        self.kind = kind
        self.algorithm = algorithm
        self.digits = digits
        self.secret = secret
    }
}

extension FormatError.Reason {
    public static let digitsRange: Self = "not 6, 7 or 8"
    public static let periodRange: Self = "not from 1 to 86400 seconds"
    public static let counterRange: Self = "above 2^63 - 1"
    public static let secretTooLong: Self = "longer than 1024 bytes"
}
