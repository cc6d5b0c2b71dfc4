/// What a format can hold, or the server that reads it: the one place from which refusals and tables are made.
///
/// A value outside changes the codes or breaks the import, so a record with it is refused before it is written. A field
/// that is not `carried` changes no code (names, mostly) and is left out and reported.
public struct FormatLimits: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case totp, hotp
        case yubicoOTP = "yubico-otp"
    }

    public enum Periods: Sendable {
        case any
        case atLeast(Int)
        case atMost(Int)
        case oneOf([Int])
    }

    /// Who reads the format, as people call it.
    public let readBy: String
    public let kinds: [Kind]
    public let algorithms: [HashAlgorithm]
    public let digits: [Int]
    public let periods: Periods
    public let counters: ClosedRange<UInt64>
    /// Bytes.
    public let secretLengths: ClosedRange<Int>
    /// The reader takes the algorithm from the length of the secret, see `algorithm(ofLength:)`.
    public let hashFollowsLength: Bool
    /// Fields of a record, and of its label, that the format has a place for.
    public let carried: Set<FormatError.Field>
    /// Those among them that must not be missing.
    public let required: Set<FormatError.Field>
    /// Settings that are not in the file but are entered beside it.
    public let unwritten: Set<FormatError.Field>

    init(
        readBy: StaticString, kinds: [Kind] = [.totp, .hotp], algorithms: [HashAlgorithm] = HashAlgorithm.allCases,
        digits: [Int] = Array(Credential.digitsRange), periods: Periods = .any,
        counters: ClosedRange<UInt64> = Credential.counterRange,
        secretLengths: ClosedRange<Int> = Credential.secretRange, hashFollowsLength: Bool = false,
        carried: Set<FormatError.Field> = [], required: Set<FormatError.Field> = [],
        unwritten: Set<FormatError.Field> = []
    ) {
        self.readBy = readBy.description
        self.kinds = kinds
        self.algorithms = algorithms
        self.digits = digits
        self.periods = periods
        self.counters = counters
        self.secretLengths = secretLengths
        self.hashFollowsLength = hashFollowsLength
        self.carried = carried.union(required)
        self.required = required
        self.unwritten = unwritten
    }

    /// Throws an error that names the first field that does not fit, and what would.
    public func check(_ record: TokenRecord) throws(FormatError) {
        for field in TokenRecord.fields where required.contains(field) && record.text(of: field) == nil {
            throw FormatError(.missing, FormatError.Reason(composing: "\(readBy) needs one"), field: field)
        }
        switch record.content {
        case .oath(let credential): try check(credential)
        case .yubicoOTP: try require(kinds.contains(.yubicoOTP), .type, takes: kinds.map(\.rawValue))
        }
    }

    /// Fields of `record` that a file of this format does not say.
    public func omissions(of record: TokenRecord) -> Set<FormatError.Field> {
        let fields = TokenRecord.fields.filter { field in
            guard let text = field == .owner ? record.owner : record.text(of: field), !carried.contains(field) else {
                return false
            }
            // An account that is the serial or the owner is not lost where that is carried.
            return !carried.contains { record.text(of: $0) == text }
        }
        switch record.content {
        case .oath(let credential): return Set(fields).union(unwritten.intersection(credential.unusualSettings))
        case .yubicoOTP(let credential):
            let lost = credential.accessCode == nil ? [] : Set([.accessCode]).subtracting(carried)
            return Set(fields).union(unwritten).union(lost)
        }
    }

    /// What `hashFollowsLength` means: as privacyIDEA and LinOTP guess.
    static func algorithm(ofLength length: Int) -> HashAlgorithm? {
        switch length {
        case 28, 48: nil  // taken for SHA-224 and SHA-384, which no credential here has
        case 32: .sha256
        case 64: .sha512
        default: .sha1
        }
    }

    private func check(_ credential: Credential) throws(FormatError) {
        switch credential.kind {
        case .totp(let period):
            try require(kinds.contains(.totp), .type, takes: kinds.map(\.rawValue))
            try require(periods.contains(period), .period, takes: periods.texts, unit: "seconds")
        case .hotp(let counter):
            try require(kinds.contains(.hotp), .type, takes: kinds.map(\.rawValue))
            try require(
                counters.contains(counter), .counter, takes: [Self.text(counters.lowerBound, counters.upperBound)])
        }
        try require(
            algorithms.contains(credential.algorithm), .algorithm, takes: algorithms.map(\.rawValue))
        try require(digits.contains(credential.digits), .digits, takes: digits.map(String.init))
        try require(
            secretLengths.contains(credential.secret.count), .secret,
            takes: [Self.text(secretLengths.lowerBound, secretLengths.upperBound)], unit: "bytes")
        if hashFollowsLength, Self.algorithm(ofLength: credential.secret.count) != credential.algorithm {
            throw FormatError(
                .unsupported,
                FormatError.Reason(composing: "\(readBy) takes 32 bytes for SHA256, 64 for SHA512, others for SHA1"),
                field: .algorithm)
        }
    }

    private func require(
        _ isTaken: Bool, _ field: FormatError.Field, takes values: [String], unit: String? = nil
    ) throws(FormatError) {
        guard !isTaken else { return }
        let list = Self.list(values) + (unit.map { " \($0)" } ?? "")
        throw FormatError(.unsupported, FormatError.Reason(composing: "\(readBy) takes \(list) only"), field: field)
    }

    /// `6, 7 or 8`.
    private static func list(_ values: [String]) -> String {
        guard let last = values.last, values.count > 1 else { return values.first ?? "none" }
        return values.dropLast().joined(separator: ", ") + " or " + last
    }

    private static func text<Number: FixedWidthInteger>(_ lowest: Number, _ highest: Number) -> String {
        lowest == highest ? "\(lowest)" : "\(lowest) to \(highest)"
    }
}

extension FormatLimits.Periods {
    func contains(_ period: Int) -> Bool {
        switch self {
        case .any: true
        case .atLeast(let lowest): period >= lowest
        case .atMost(let highest): period <= highest
        case .oneOf(let periods): periods.contains(period)
        }
    }

    /// For a table or a sentence.
    public var texts: [String] {
        switch self {
        case .any: ["any"]
        case .atLeast(let lowest): ["\(lowest) and more"]
        case .atMost(let highest): ["up to \(highest)"]
        case .oneOf(let periods): periods.map(String.init)
        }
    }
}

extension Credential {
    /// Settings that are not those that everybody assumes.
    fileprivate var unusualSettings: Set<FormatError.Field> {
        var fields: Set<FormatError.Field> = []
        if algorithm != .sha1 { fields.insert(.algorithm) }
        if digits != Self.defaultDigits { fields.insert(.digits) }
        switch kind {
        case .totp(Self.defaultPeriod): break
        case .totp: fields.insert(.period)
        case .hotp: fields.formUnion([.type, .counter])
        }
        return fields
    }
}
