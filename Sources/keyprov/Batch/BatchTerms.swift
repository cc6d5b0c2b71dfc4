import KeyProvision
import SecretFormats

/// How the credentials of a batch are made, as a text that stays with it: a run that goes on with it must not make others.
///
/// ```
/// algorithm=SHA1; bytes=20; digits=6; period=30; require-pin=false; touch=false; type=totp; issuer=Example
/// ```
///
/// The issuer is the last one because it may contain the separator; `counter` is there instead of `period` for HOTP, and `slot`
/// and `issuer` only where they were said.
struct BatchTerms: Equatable {
    /// The options that change what is on a key or at the server, by their names without the hyphens.
    private enum Name: String, CaseIterable {
        case algorithm, bytes, counter, digits, period
        case requirePIN = "require-pin"
        case slot, touch, type, issuer

        /// What is so where the option is not there; of those that follow from the type see `whole`.
        var usual: String? {
            switch self {
            case .algorithm: CredentialOptions.usualAlgorithm.rawValue
            case .bytes: String(CredentialOptions.usualBytes)
            case .digits: String(Credential.defaultDigits)
            case .requirePIN, .touch: Self.no
            case .type: CredentialOptions.usualType.rawValue
            case .counter, .period, .slot, .issuer: nil
            }
        }

        var followsFromType: Bool { self == .counter || self == .period }

        static let yes = "true"
        static let no = "false"
    }

    /// What was said, and nothing else.
    private var values: [Name: String] = [:]

    private static let separator = "; "

    init(issuer: String?, _ credential: CredentialOptions, _ storage: StorageOptions, slot: Int?) {
        values[.algorithm] = credential.algorithm?.rawValue
        values[.bytes] = credential.bytes.map { String($0) }
        values[.counter] = credential.counter.map { String($0) }
        values[.digits] = credential.digits.map { String($0) }
        values[.issuer] = issuer.flatMap { $0.isEmpty ? nil : $0 }
        values[.period] = credential.period.map { String($0) }
        values[.requirePIN] = storage.requiresPIN ? Name.yes : nil
        values[.slot] = slot.map { String($0) }
        values[.touch] = storage.touch ? Name.yes : nil
        values[.type] = credential.type?.rawValue
    }

    init(text: String) {
        var rest = text[...]
        while !rest.isEmpty {
            let isLast = rest.hasPrefix("\(Name.issuer.rawValue)=")
            let end = isLast ? nil : rest.firstRange(of: Self.separator)
            let parts = rest[..<(end?.lowerBound ?? rest.endIndex)].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first.flatMap({ Name(rawValue: String($0)) }) {
                values[name] = parts.dropFirst().first.map { String($0) }
            }
            rest = end.map { rest[$0.upperBound...] } ?? ""
        }
    }

    var text: String {
        let values = whole
        return Name.allCases.compactMap { name in values[name].map { "\(name.rawValue)=\($0)" } }
            .joined(separator: Self.separator)
    }

    /// With what is usual where nothing was said.
    private var whole: [Name: String] {
        var values = values
        for name in Name.allCases { values[name] = values[name] ?? name.usual }
        if values[.type] == CredentialOptions.Kind.hotp.rawValue {
            values[.counter] = values[.counter] ?? "0"
        } else {
            values[.period] = values[.period] ?? String(Credential.defaultPeriod)
        }
        return values
    }

    /// What was not said is as it was when the batch was begun.
    func completed(from begun: Self) -> Self {
        var terms = self
        let begun = begun.whole
        let isOtherType = values[.type].map { $0 != begun[.type] } ?? false
        for name in Name.allCases where values[name] == nil && !(isOtherType && name.followsFromType) {
            terms.values[name] = begun[name]
        }
        return terms
    }

    /// The options that differ, as they were when the batch was begun.
    func changes(from begun: Self) -> [String] {
        let (now, begun) = (whole, begun.whole)
        let isOtherType = now[.type] != begun[.type]
        return Name.allCases.filter { name in
            now[name] != begun[name] && !(isOtherType && name.followsFromType)
        }.map { name in
            switch (name, begun[name]) {
            case (_, nil), (.touch, Name.no), (.requirePIN, Name.no): "no --\(name.rawValue)"
            case (.touch, _), (.requirePIN, _): "--\(name.rawValue)"
            case (_, let value?): "--\(name.rawValue) \(value)"
            }
        }
    }

    var issuer: String? { values[.issuer] }
    var slot: Int? { values[.slot].flatMap { Int($0) } }

    /// These options, but for what the terms say.
    func options(like given: CredentialOptions) -> CredentialOptions {
        var credential = given
        credential.type = values[.type].flatMap { .init(rawValue: $0) } ?? credential.type
        credential.algorithm = values[.algorithm].flatMap { .init(rawValue: $0) } ?? credential.algorithm
        credential.bytes = values[.bytes].flatMap { Int($0) } ?? credential.bytes
        credential.digits = values[.digits].flatMap { Int($0) } ?? credential.digits
        credential.period = values[.period].flatMap { Int($0) }
        credential.counter = values[.counter].flatMap { UInt64($0) }
        return credential
    }

    /// These options, but for what the terms say.
    func options(like given: StorageOptions) -> StorageOptions {
        var storage = given
        storage.touch = values[.touch] == Name.yes
        storage.requiresPIN = values[.requirePIN] == Name.yes
        return storage
    }
}
