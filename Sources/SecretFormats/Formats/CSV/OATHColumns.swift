internal import ByteBuffers

/// The columns in which most servers take HOTP and TOTP: secret, type, digits, counter or period.
struct OATHColumns {
    var isCounted: Bool
    var secret: Secret
    var algorithm: HashAlgorithm = .sha1
    var digits: UInt64?
    /// The counter or the seconds of a step.
    var moving: UInt64?

    func credential(_ label: Label) throws(FormatError) -> Credential {
        let kind: Credential.Kind =
            isCounted
            ? .hotp(counter: moving ?? 0)
            : .totp(period: moving.map { Int(clamping: $0) } ?? Credential.defaultPeriod)
        return try Credential(
            label: label, kind: kind, algorithm: algorithm,
            digits: digits.map { Int(clamping: $0) } ?? Credential.defaultDigits, secret: secret)
    }
}

extension CSVRow {
    /// `hotp` or `totp`, in either case; an empty column is nil.
    func isCounted(_ index: Int) throws(FormatError) -> Bool? {
        if equals(index, "hotp") { return true }
        if equals(index, "totp") { return false }
        guard equals(index, "") || index >= count else { throw FormatError(.unsupported, .unknownType, field: .type) }
        return nil
    }
}

extension Credential {
    /// The counter or the seconds of a step: one column in many files.
    var moving: UInt64 {
        switch kind {
        case .totp(let period): UInt64(period)
        case .hotp(let counter): counter
        }
    }

    var isCounted: Bool {
        if case .hotp = kind { true } else { false }
    }
}

extension TokenRecord {
    /// What the formats of HOTP and TOTP write; their limits have refused everything else before.
    func oathCredential() throws(FormatError) -> Credential {
        guard let credential else { throw FormatError(.unsupported, .unknownType, field: .type) }
        return credential
    }
}
