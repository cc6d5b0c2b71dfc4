import SecretFormats

/// What a row of a roster says, column by column, before it is looked at.
struct RosterRow {
    let place: RosterPlace
    /// In the order of the row; empty cells are left out.
    var cells: [(column: RosterColumn, text: String)] = []
    /// What is wrong with the row itself; then the cells do not matter.
    var problems: [RosterError] = []

    init(_ place: RosterPlace, problems: [RosterError] = []) {
        self.place = place
        self.problems = problems
    }

    private func text(_ column: RosterColumn) -> String? { cells.first { $0.column == column }?.text }

    /// One entry for each key, or all that is wrong with the row.
    func entries() -> Result<RosterEntries, RosterProblems> {
        guard problems.isEmpty else { return .failure(RosterProblems(all: problems)) }
        var found: [RosterError] = []
        for (column, text) in cells {
            if let kind = Self.fault(of: text, in: column) { found.append(error(kind, column)) }
        }
        if text(.account) == nil { found.append(error(.missing, .account)) }
        let quantity = number(.quantity)
        if let quantity, quantity > 1 {
            // One key cannot be several, and a number of keys has its own copies.
            for column in [RosterColumn.serial, .copy] where text(column) != nil {
                found.append(error(.excluded(by: column), .quantity))
            }
        }
        guard found.isEmpty, let account = text(.account) else { return .failure(RosterProblems(all: found)) }
        let first = number(.copy) ?? 1
        let entry = RosterEntry(
            account: account, issuer: text(.issuer), copy: first, owner: text(.name), email: text(.email),
            department: text(.department), serial: text(.serial), slot: number(.slot), profile: text(.profile))
        return .success(RosterEntries(entry, copies: first..<first + (quantity ?? 1)))
    }

    private func error(_ kind: RosterError.Kind, _ column: RosterColumn) -> RosterError {
        let account = text(.account).flatMap { Self.fault(of: $0, in: .account) == nil ? $0 : nil }
        return RosterError(kind, column, at: place, account: account)
    }

    private func number(_ column: RosterColumn) -> Int? { text(column).flatMap(Self.number) }

    private static func number(_ text: String) -> Int? {
        let isDecimal = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDecimal ? Int(text) : nil
    }

    private static func fault(of text: String, in column: RosterColumn) -> RosterError.Kind? {
        guard text.utf8.count <= column.longestText else { return .tooLong(limit: column.longestText) }
        if let offset = text.unicodeScalars.enumerated().first(where: { isControl($0.element) })?.offset {
            return .controlCharacter(position: offset + 1)
        }
        guard let range = column.range else { return nil }
        guard let number = number(text) else { return .notANumber }
        return range.contains(number) ? nil : .outOfRange(range)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// All that is wrong with one row.
struct RosterProblems: Error {
    let all: [RosterError]
}

/// The entries of one row, which differ in `copy`.
struct RosterEntries {
    private var entry: RosterEntry
    private var copies: Range<Int>

    init(_ entry: RosterEntry, copies: Range<Int>) {
        self.entry = entry
        self.copies = copies
    }

    mutating func next() -> RosterEntry? {
        guard let copy = copies.popFirst() else { return nil }
        entry.copy = copy
        return entry
    }
}
