import SecretFormats

/// A roster as CSV (RFC 4180), whose first row names the columns.
final class RosterTable: RosterRows {
    private let rows: QuotedRows
    /// nil until the first row was read.
    private var columns: [RosterColumn]?
    private var count = 0
    private var isAtEnd = false
    var heldByteCount: Int { rows.heldByteCount }

    init(_ rows: QuotedRows) { self.rows = rows }

    func next() -> RosterRow? {
        while !isAtEnd {
            let row: CSVRow
            do throws(FormatError) {
                guard let found = try rows.next() else { return nil }
                row = found
            } catch {
                return malformed(error)
            }
            guard let columns else {
                if let problem = readHeader(row) { return problem }
                continue
            }
            if let row = read(row, columns) { return row }
        }
        return nil
    }

    private func malformed(_ error: FormatError) -> RosterRow {
        // Without a first row no other one can be read, and of a line that is too long not even the end is known.
        isAtEnd = columns == nil || error.code == .unreadable || error.reason == .lineTooLong
        if columns != nil { count += 1 }
        let line = error.reason == .lineTooLong ? error.line ?? rows.firstLine : rows.firstLine
        let place = RosterPlace(line: line, row: columns.map { _ in count })
        return RosterRow(place, problems: [RosterError(error, at: place)])
    }

    /// - Returns: what is wrong with the first row; nil where nothing is.
    private func readHeader(_ row: CSVRow) -> RosterRow? {
        let place = RosterPlace(line: rows.firstLine, row: nil)
        var found: [RosterColumn] = []
        var problems: [RosterError] = []
        for index in 0..<row.count {
            guard let name = try? row.text(index, .columnName) ?? "" else {
                problems.append(RosterError(.notText, at: place))
                continue
            }
            guard let column = RosterColumn(named: name) else {
                problems.append(RosterError(Self.unknown(name, number: index + 1), at: place))
                continue
            }
            if found.contains(column) { problems.append(RosterError(.duplicateColumn, column, at: place)) }
            found.append(column)
        }
        if !found.contains(.account) { problems.append(RosterError(.missing, .account, at: place)) }
        isAtEnd = !problems.isEmpty
        columns = found
        return problems.isEmpty ? nil : RosterRow(place, problems: problems)
    }

    private static func unknown(_ name: String, number: Int) -> RosterError.Kind {
        guard !name.isEmpty else { return .namelessColumn(number: number) }
        return .unknownColumn(number: number, perhaps: RosterColumn.name(like: name))
    }

    /// - Returns: nil for a row of empty cells.
    private func read(_ row: CSVRow, _ columns: [RosterColumn]) -> RosterRow? {
        let isEmpty = (0..<row.count).allSatisfy { row.equals($0, "") }
        guard !isEmpty else { return nil }
        count += 1
        var read = RosterRow(RosterPlace(line: rows.firstLine, row: count))
        guard row.count == columns.count else {
            read.problems = [RosterError(.cellCount(row.count, expected: columns.count), at: read.place)]
            return read
        }
        for (index, column) in columns.enumerated() {
            do throws(FormatError) {
                if let text = try row.text(index, .columnName) { read.cells.append((column, text)) }
            } catch {
                read.problems.append(RosterError(.notText, column, at: read.place))
            }
        }
        return read
    }
}

extension RosterError {
    /// - Parameter place: of the row, which is not read further.
    init(_ error: FormatError, at place: RosterPlace) {
        switch (error.code, error.reason) {
        case (.unreadable, _): self.init(.unreadable)
        case (_, .notUTF8): self.init(.notText, at: place)
        default: self.init(.malformed(error.reason), at: place)
        }
    }
}

extension FormatError.Field {
    fileprivate static let columnName: Self = "column"
}
