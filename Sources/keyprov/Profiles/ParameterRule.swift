import SecretFormats

/// A setting of a credential that a reader may or may not honor.
enum Parameter: String, CaseIterable, Sendable {
    case type, algorithm, digits, period
    case secretBytes = "secret-bytes"

    /// What a credential has here, as profiles write it; nil where the setting is none of that credential.
    func text(of credential: Credential) -> String? {
        switch (self, credential.kind) {
        case (.type, .totp): "totp"
        case (.type, .hotp): "hotp"
        case (.algorithm, _): credential.algorithm.rawValue
        case (.digits, _): String(credential.digits)
        case (.period, .totp(let period)): String(period)
        case (.period, .hotp): nil
        case (.secretBytes, _): String(credential.secret.count)
        }
    }

    /// The one spelling of a value; nil for what no credential can have.
    func canonical(_ text: String) -> String? {
        switch self {
        case .type: ["totp", "hotp"].contains(text) ? text : nil
        case .algorithm: HashAlgorithm(rawValue: text)?.rawValue
        case .digits: number(text, in: Credential.digitsRange)
        case .period: number(text, in: Credential.periodRange)
        case .secretBytes: number(text, in: Credential.secretRange)
        }
    }

    private func number(_ text: String, in range: ClosedRange<Int>) -> String? {
        ProfileStatement.number(text).flatMap { range.contains($0) ? text : nil }
    }
}

/// What a system does with the values of a parameter.
struct ParameterRule: Equatable, Sendable {
    /// What becomes of a value that is not taken.
    enum Others: String, CaseIterable, Sendable {
        /// The system says no.
        case refused
        /// The system goes on with one that it takes: the codes are wrong.
        case ignored
        case unknown
    }

    /// Values of which more is known than of all others.
    struct Exception: Equatable, Sendable {
        let values: [String]
        let others: Others
    }

    enum Taken: Equatable, Sendable {
        case unknown
        case any
        case values([String], except: [Exception] = [], Others)
        case range(ClosedRange<Int>, Others)
    }

    enum Verdict: Equatable, Sendable {
        case taken
        case doubtful
        case wrong(Others)
    }

    let taken: Taken
    let sources: [String]

    /// What is known of `value`, which is in the spelling of `Parameter.text(of:)`.
    func verdict(on value: String) -> Verdict {
        switch taken {
        case .unknown, .any: .taken
        case .values(let values, let exceptions, let others):
            values.contains(value)
                ? .taken : Self.verdict(exceptions.first { $0.values.contains(value) }?.others ?? others)
        case .range(let range, let others):
            Int(value).map(range.contains) ?? false ? .taken : Self.verdict(others)
        }
    }

    /// What is taken, for a sentence or a table.
    var values: [String] {
        switch taken {
        case .unknown: []
        case .any: ["any"]
        case .values(let values, _, _): values
        case .range(let range, _): ["\(range.lowerBound)-\(range.upperBound)"]
        }
    }

    var others: Others? {
        switch taken {
        case .unknown: .unknown
        case .any: nil
        case .values(_, _, let others), .range(_, let others): others
        }
    }

    var exceptions: [Exception] {
        if case .values(_, let exceptions, _) = taken { exceptions } else { [] }
    }

    private static func verdict(_ others: Others) -> Verdict { others == .unknown ? .doubtful : .wrong(others) }
}

extension Profile {
    /// Refuses a credential whose codes the system is known not to compute or to take.
    ///
    /// - Returns: parameters of which nobody knows whether the system takes the credential's value.
    func check(_ credential: Credential) throws(ProfileFailure) -> [Parameter] {
        var doubtful: [Parameter] = []
        for parameter in Parameter.allCases {
            guard let rule = rules[parameter], let value = parameter.text(of: credential) else { continue }
            switch rule.verdict(on: value) {
            case .taken: break
            case .doubtful: doubtful.append(parameter)
            case .wrong(let others):
                // Where no more is known than that this value is wrong, others may be taken.
                let isException = rule.exceptions.contains { $0.values.contains(value) }
                throw ProfileFailure.parameter(
                    parameter, title: title, takes: isException ? nil : rule.values, others)
            }
        }
        return doubtful
    }
}
