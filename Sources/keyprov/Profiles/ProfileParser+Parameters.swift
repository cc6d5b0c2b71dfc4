extension ParameterRule {
    /// `any`, `unknown`, or values and what becomes of others: `SHA1, SHA256; others ignored`. Before that may stand what
    /// becomes of some of them: `6; 7 refused; others unknown`. Lengths of secrets may be a range: `16-64; others
    /// refused`.
    init(_ statement: ProfileStatement, _ parameter: Parameter) throws(ProfileError) {
        sources = statement.sources
        switch statement.text {
        case "any": taken = .any
        case "unknown": taken = .unknown
        default:
            let parts = statement.text.split(separator: ";", omittingEmptySubsequences: false)
                .map { ProfileStatement.trimmed($0) }
            guard let first = parts.first, let last = parts.last, parts.count > 1,
                let others = Self.fateOfOthers(last)
            else { throw statement.error(.noWordOnOthers) }
            if parameter == .secretBytes, parts.count == 2, let range = Self.range(first) {
                taken = .range(range, others)
                return
            }
            var named: Set<String> = []
            let values = try Self.values(first[...], parameter, statement, &named)
            var exceptions: [Exception] = []
            for part in parts.dropFirst().dropLast() {
                guard let space = part.lastIndex(of: " "),
                    let others = Others(rawValue: String(part[part.index(after: space)...])), others != .unknown
                else { throw statement.error(.noWordOnOthers) }
                let values = try Self.values(part[..<space], parameter, statement, &named)
                exceptions.append(Exception(values: values, others: others))
            }
            taken = .values(values, except: exceptions, others)
        }
    }

    /// - Parameter named: values that were there before; none may be named twice.
    private static func values(
        _ text: Substring, _ parameter: Parameter, _ statement: ProfileStatement, _ named: inout Set<String>
    ) throws(ProfileError) -> [String] {
        var values: [String] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = parameter.canonical(ProfileStatement.trimmed(word)), named.insert(value).inserted else {
                throw statement.error(.malformedParameter)
            }
            values.append(value)
        }
        return values
    }

    private static func fateOfOthers(_ text: String) -> Others? {
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
