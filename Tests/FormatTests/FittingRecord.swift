import SecretFormats
import TestSupport

extension TokenRecord {
    /// A record that the limits allow, with plain names.
    static func fitting(_ limits: FormatLimits, using generator: inout SeededGenerator) throws -> TokenRecord {
        let number = Int.random(in: 10_000_000...99_999_999, using: &generator)
        let owner = "user\(number)@example.com"
        let kind = limits.kinds.randomElement(using: &generator) ?? .totp
        let content: Content =
            kind == .yubicoOTP
            ? .yubicoOTP(try .random(using: &generator))
            : .oath(try credential(kind, limits, account: owner, using: &generator))
        return TokenRecord(
            serial: "\(number)", manufacturer: "Example", model: "Key-5", owner: owner,
            realm: limits.required.contains(.realm) ? "example.com" : nil, content: content)
    }

    private static func credential(
        _ kind: FormatLimits.Kind, _ limits: FormatLimits, account: String, using generator: inout SeededGenerator
    ) throws -> Credential {
        let period: Int? =
            switch limits.periods {
            case .any: .random(in: 1...300, using: &generator)
            case .atLeast(let lowest): .random(in: lowest...300, using: &generator)
            case .atMost(let highest): .random(in: 1...highest, using: &generator)
            case .oneOf(let periods): periods.randomElement(using: &generator)
            }
        let highest = min(limits.counters.upperBound, limits.counters.lowerBound + 1_000_000)
        let algorithm = limits.algorithms.randomElement(using: &generator) ?? .sha1
        return try Credential(
            label: Label(issuer: limits.carried.contains(.issuer) ? "Example & Sons" : nil, account: account),
            kind: kind == .hotp
                ? .hotp(counter: .random(in: limits.counters.lowerBound...highest, using: &generator))
                : .totp(period: period ?? 30),
            algorithm: algorithm, digits: limits.digits.randomElement(using: &generator) ?? 6,
            secret: Secret.random(
                count: min(algorithm.digestLength, limits.secretLengths.upperBound),
                from: SeededSource(seed: generator.next())))
    }
}

extension YubicoOTPCredential {
    static func random(using generator: inout SeededGenerator) throws -> YubicoOTPCredential {
        let source = SeededSource(seed: generator.next())
        return try YubicoOTPCredential(
            publicID: Secret.random(count: 6, from: source).exposedBytes,
            privateID: Secret.random(count: privateIDLength, from: source),
            key: Secret.random(count: keyLength, from: source))
    }
}
