import KeyProvision

/// The table in columns and in Markdown.
extension KeyTable {
    private static let heading = [
        "family", "key", "types", "hashes", "digits", "secret", "room", "touch", "code", "proven after a write",
        "virtual keys",
    ]

    static var text: String {
        let table = [heading] + rows.map(\.cells)
        let widths = heading.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        let lines = table.map { row in
            let line = row.indices.map { column in
                row[column] + String(repeating: " ", count: widths[column] - row[column].count)
            }.joined(separator: "  ")
            return line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.endIndex)] + "\n"
        }
        return lines.joined() + "\n" + rows.map(\.details).joined()
    }

    /// What stands in the README between its marks.
    static var markdown: String {
        let columns = ["Key", "USB ids", "Types", "Hashes", "Touch", "Proven after a write", "Virtual keys"]
        let head = "| " + columns.joined(separator: " | ") + " |\n" + "|" + columns.map { _ in "---|" }.joined() + "\n"
        return head + rows.map(\.markdown).joined()
    }
}

extension KeyTable.Row {
    var cells: [String] {
        [
            family.name, family.title, list(kinds.map(\.name)), list(algorithms), list(digits.map(String.init)),
            features.longestSecret.map { "\($0) bytes" } ?? "any", room, touch, code ?? "no", proof,
            list(virtualModels),
        ]
    }

    /// One word where all kinds have the same, otherwise each with its own.
    var proof: String {
        let words = Set(proofs.map(\.proof.rawValue))
        return words.count == 1 ? words.first ?? "-" : list(proofs.map { "\($0.name) \($0.proof.rawValue)" })
    }

    /// What does not fit a column.
    var details: String {
        let needs = needs.map { "\($0.feature) from firmware \($0.version)" }
        var lines = ["\(family.name): USB " + list(ids)]
        if !needs.isEmpty { lines.append("\(family.name): " + needs.joined(separator: ", ")) }
        lines += refusals.map { "\(family.name): " + $0 }
        return lines.map { $0 + "\n" }.joined()
    }

    var markdown: String {
        let ids = ids.count > 3 ? "\(ids.first ?? "") and \(ids.count - 1) more" : list(ids)
        let cells = [
            family.title, ids, list(kinds.map(\.name)), list(algorithms), touch, proof,
            list(virtualModels.map { "`\($0)`" }),
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    private func list(_ texts: [String]) -> String { texts.isEmpty ? "-" : texts.joined(separator: ", ") }
}
