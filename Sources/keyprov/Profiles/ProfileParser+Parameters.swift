extension ParameterRule {
    /// `any`, `unknown`, or values and what becomes of others: `SHA1, SHA256; others ignored`. Lengths of secrets may
    /// be a range: `16-64; others refused`.
    init(_ statement: ProfileStatement, _ parameter: Parameter) throws(ProfileError) {
        sources = statement.sources
        switch statement.text {
        case "any": taken = .any
        case "unknown": taken = .unknown
        default:
            let parts = statement.text.split(separator: ";").map { ProfileStatement.trimmed($0) }
            guard parts.count == 2, let others = Self.others(parts[1]) else { throw statement.error(.noWordOnOthers) }
            if parameter == .secretBytes, let range = Self.range(parts[0]) {
                taken = .range(range, others)
            } else {
                var values: [String] = []
                for word in parts[0].split(separator: ",", omittingEmptySubsequences: false) {
                    guard let value = parameter.canonical(ProfileStatement.trimmed(word)), !values.contains(value)
                    else { throw statement.error(.malformedParameter) }
                    values.append(value)
                }
                taken = .values(values, others)
            }
        }
    }

    private static func others(_ text: String) -> Others? {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0] == "others" else { return nil }
        return Others(rawValue: String(words[1]))
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let bounds = text.split(separator: "-").compactMap { Parameter.secretBytes.canonical(String($0)) }
            .compactMap { Int($0) }
        guard bounds.count == 2, bounds[0] < bounds[1], text.count(where: { $0 == "-" }) == 1 else { return nil }
        return bounds[0]...bounds[1]
    }
}
