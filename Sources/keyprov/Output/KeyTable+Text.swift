import KeyProvision

/// The tables in columns and in Markdown: keys that are written to, then those that are only recognized.
extension KeyTable {
    private static let heading = [
        "family", "key", "types", "hashes", "digits", "period", "secret", "room", "touch", "code", "pin",
        "proven after a write", "virtual keys",
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
        return lines.joined() + "\n" + rows.map(\.details).joined() + "\n" + undriven.map(\.details).joined()
    }

    /// What stands in the README between its marks.
    static var markdown: String {
        let columns = ["Key", "USB ids", "Types", "Hashes", "Touch", "PIN", "Proven after a write", "Virtual keys"]
        return head(columns) + rows.map(\.markdown).joined() + "\n" + head(["Recognized only", "USB ids", "Why"])
            + undriven.map(\.markdown).joined()
    }

    private static func head(_ columns: [String]) -> String {
        "| " + columns.joined(separator: " | ") + " |\n" + "|" + columns.map { _ in "---|" }.joined() + "\n"
    }
}

extension KeyTable.Row {
    var cells: [String] {
        [
            family.name, family.title, list(kinds.map(\.name)), list(algorithms), digits,
            periods, features.longestSecret.map { "\($0) bytes" } ?? "any", room, touch, code ?? "no",
            list(pinNames), proof, list(virtualModels),
        ]
    }

    var proof: String { ofKinds(\.proof.rawValue) }
    private var digits: String { ofKinds { list($0.digits.map(String.init)) } }

    /// Once where all kinds have the same, otherwise each with its own.
    private func ofKinds(_ text: (FamilyFeatures.Kind) -> String) -> String {
        let texts = Set(kinds.map { text($0.kind) })
        return texts.count == 1 ? texts.first ?? "-" : list(kinds.map { "\($0.name) \(text($0.kind))" })
    }

    /// Which counters a HOTP credential can begin with; nil where there is none.
    private var counters: String? {
        guard features.hotp != nil else { return nil }
        let (least, most) = (features.minCounter, features.maxCounter)
        let range = least == most ? "\(least)" : "\(least) to \(most)"
        return "HOTP from counter \(range)" + (features.counterStep > 1 ? ", in steps of \(features.counterStep)" : "")
    }

    /// What does not fit a column.
    var details: String {
        let needs = needs.map { "\($0.feature) from firmware \($0.version)" }
        var lines = ["\(family.name): USB " + list(ids)]
        if !idleIDs.isEmpty { lines.append("\(family.name): " + Phrases.idle(list(idleIDs))) }
        if !needs.isEmpty { lines.append("\(family.name): " + needs.joined(separator: ", ")) }
        if let earlier = features.earlier {
            lines.append(
                "\(family.name): before firmware \(earlier.before) secrets of \(earlier.longestSecret) bytes at most, "
                    + "proven: \(earlier.proof.rawValue)")
        }
        if let counters { lines.append("\(family.name): " + counters) }
        if let names = features.longestName.flatMap({ Phrases.namesApart(features.names, $0) }) {
            lines.append("\(family.name): " + names)
        }
        if features.approvesOnDisplay { lines.append("\(family.name): " + Phrases.approvals) }
        if let names = features.slotNames { lines.append("\(family.name): slots are \(names)") }
        if features.deletionEmptiesPlace { lines.append("\(family.name): " + Phrases.deletionEmptiesPlace) }
        lines += pins.map { "\(family.name): PIN, \($0)" }
        lines += features.newPINs.map { new in
            "\(family.name): a new \(new.pin.rawValue) PIN has \(new.lengths.lowerBound) to "
                + "\(new.lengths.upperBound) bytes ('keyprov pin')"
        }
        if features.isExperimental { lines.append("\(family.name): " + Phrases.experimental) }
        lines += refusals.map { "\(family.name): " + $0 }
        return lines.map { $0 + "\n" }.joined()
    }

    private var unprovenBefore: String {
        let earlier = features.earlier.map { ($0.before, $0.proof) } ?? features.codesSince.map { ($0, .labelOnly) }
        return earlier.map { "; before firmware \($0.0) \($0.1.rawValue)" } ?? ""
    }

    var markdown: String {
        let cells = [
            family.title + (features.isExperimental ? " (experimental)" : ""), short(ids), list(kinds.map(\.name)),
            list(algorithms), touch, pins.isEmpty ? "-" : pins.joined(separator: "; "), proof + unprovenBefore,
            list(virtualModels.map { "`\($0)`" }),
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}

extension UndrivenKey {
    fileprivate var details: String {
        let known = ids.isEmpty ? "no USB id known" : "USB " + list(ids)
        return "\(name): \(title), \(known): \(reason.text)\n"
    }

    fileprivate var markdown: String { "| \(title) | \(short(ids)) | \(reason.text) |\n" }
}

private func list(_ texts: [String]) -> String { texts.isEmpty ? "-" : texts.joined(separator: ", ") }

private func short(_ ids: [String]) -> String {
    ids.count > 3 ? "\(ids.first ?? "") and \(ids.count - 1) more" : list(ids)
}
