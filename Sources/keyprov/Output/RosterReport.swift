import KeyProvision

/// What came of looking at a roster, as people and programs read it.
struct RosterReport {
    let name: String
    let isDirectory: Bool
    let outcome: RosterCheck.Outcome

    func print(to console: Console, asJSON: Bool) throws(FileError) {
        if asJSON { try console.document(members) } else { try console.data(text) }
    }

    private var text: String {
        let counts = [("Entries", outcome.entries), ("Rows", outcome.rows), ("With a serial number", outcome.serials)]
        let width = counts.map(\.0.count).max() ?? 0
        let table = counts.map { name, count in
            name + String(repeating: " ", count: width - name.count) + "  \(count)\n"
        }
        return table.joined()
            + outcome.problems.map { TerminalText.safe($0.text(isDirectory: isDirectory)) + "\n" }.joined()
    }

    private func members(_ json: JSONWriter) {
        json.key("roster")
        json.value(name)
        json.key("entries")
        json.value(outcome.entries)
        json.key("rows")
        json.value(outcome.rows)
        json.key("serials")
        json.value(outcome.serials)
        json.key("problems")
        json.array {
            for problem in outcome.problems { json.object { members(of: problem, json) } }
        }
        json.key("cut_off")
        json.value(outcome.isCutOff)
    }

    private func members(of problem: RosterError, _ json: JSONWriter) {
        json.key("line")
        number(isDirectory ? nil : problem.place?.line, json)
        json.key("row")
        number(problem.place?.row, json)
        json.key("column")
        json.value(problem.column?.rawValue)
        json.key("account")
        json.value(problem.knownAccount)
        json.key("kind")
        json.value(problem.word)
        json.key("text")
        json.value(problem.text(isDirectory: isDirectory))
    }

    private func number(_ number: Int?, _ json: JSONWriter) {
        if let number { json.value(number) } else { json.null() }
    }
}
