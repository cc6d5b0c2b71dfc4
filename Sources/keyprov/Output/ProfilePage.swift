/// Profiles as people read them.
enum ProfilePage {
    private static let indent = "  "

    /// A line for each: name, role, title.
    static func list(_ profiles: [(profile: Profile, path: String?)]) -> String {
        // Nobody has looked at what a file is called.
        table(
            profiles.map { profile, path in
                [profile.name, profile.role.rawValue, profile.title, TerminalText.safe(path ?? "")]
            })
    }

    /// All that a profile says.
    static func text(of profile: Profile) -> String {
        var page = "\(TerminalText.safe(profile.name))  \(profile.title)\n\(profile.role.text)\n"
        func section(_ heading: String, _ rows: [[String]]) {
            if !rows.isEmpty { page += "\n\(heading)\n" + table(rows, indent: indent) }
        }
        section(
            ProfileHeading.fields,
            profile.fields.map { field in
                profile.languages.map { field.labels[$0] ?? "" }
                    + [
                        [field.preset, field.pageText].compactMap { $0 }.joined(separator: "; "),
                        cite(field.sources),
                    ]
            })
        section(
            ProfileHeading.takes,
            Parameter.allCases.map { parameter in
                let rule = profile.rules[parameter]
                return [parameter.rawValue, rule?.text ?? ParameterRule.unknownText, cite(rule?.sources ?? [])]
            }
                + [
                    [ProfileHeading.secret, profile.spelling.text]
                ]
                + (profile.secretOf.map { [[ProfileHeading.secretOf, $0.value, cite($0.sources)]] } ?? [])
                + [
                    [
                        ProfileHeading.qr,
                        profile.qrForms?.value.map(\.text).joined(separator: ", ") ?? ParameterRule.unknownText,
                        cite(profile.qrForms?.sources ?? []),
                    ]
                ])
        if let codes = profile.recoveryCodes {
            section(
                ProfileHeading.recoveryCodes, [["\(codes.value.count) of \(codes.value.length)", cite(codes.sources)]])
        }
        section(ProfileHeading.steps, numbered(profile.steps).map { [$0.text, cite($0.step.sources)] })
        section(ProfileHeading.notes, profile.notes.map { ["- " + $0.value, cite($0.sources)] })
        section(ProfileHeading.unknowns, profile.unknowns.map { ["- " + $0] })
        section(ProfileHeading.sources, profile.sources.map { [$0.name, $0.text] })
        return page
    }

    /// What an operator does with the fields, and has to know; empty where nothing is said.
    static func instructions(of profile: Profile) -> String {
        let lines = numbered(profile.steps).map(\.text) + profile.notes.map { "- " + $0.value }
        return lines.isEmpty ? "" : "\n" + lines.map { $0 + "\n" }.joined()
    }

    private static func numbered(_ steps: [Profile.Step]) -> [(text: String, step: Profile.Step)] {
        steps.enumerated().map { index, step in
            ("\(index + 1). \(step.text)" + (step.code.map { " (\($0.text))" } ?? ""), step)
        }
    }

    private static func cite(_ sources: [String]) -> String {
        sources.isEmpty ? "" : "[" + sources.joined(separator: ", ") + "]"
    }

    /// Columns, the last one as wide as it comes. Text of sentences does not widen the others.
    private static func table(_ rows: [[String]], indent: String = "") -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { $0.count > column ? $0[column].count : nil }.filter { $0 <= widestCell }.max() ?? 0
        }
        return rows.map { row in
            var line = indent
            for (index, cell) in row.enumerated() where !cell.isEmpty || index < row.count - 1 {
                line += cell + String(repeating: " ", count: max(widths[index] - cell.count, 0)) + indentOfColumn
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static let widestCell = 40
    private static let indentOfColumn = "  "
}
