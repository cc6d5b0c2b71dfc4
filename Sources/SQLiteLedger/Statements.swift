internal import GRDB
internal import KeyProvision

/// Statements as this target uses them: compiled once for each text, with arguments by their position.
extension Database {
    typealias Argument = (any DatabaseValueConvertible)?

    func run(_ sql: String, _ arguments: Argument...) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// The first row.
    func first<Value>(
        _ sql: String, _ arguments: Argument..., read: (inout StoredRow) throws -> Value
    ) throws -> Value? {
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        guard let row = try cursor.next() else { return nil }
        var columns = StoredRow(row)
        return try read(&columns)
    }

    /// All rows; for few of them, or for a page.
    func all<Value>(
        _ sql: String, _ arguments: Argument..., read: (inout StoredRow) throws -> Value
    ) throws -> [Value] {
        try all(sql, list: arguments, read: read)
    }

    func all<Value>(
        _ sql: String, list arguments: [Argument], read: (inout StoredRow) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        try each(sql, list: arguments) { values.append(try read(&$0)) }
        return values
    }

    /// One row after the other. `body` must not run the same text.
    func each(_ sql: String, _ arguments: Argument..., body: (inout StoredRow) throws -> Void) throws {
        try each(sql, list: arguments, body: body)
    }

    private func each(_ sql: String, list arguments: [Argument], body: (inout StoredRow) throws -> Void) throws {
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        while let row = try cursor.next() {
            var columns = StoredRow(row)
            try body(&columns)
        }
    }

    func integer(_ sql: String, _ arguments: Argument...) throws -> Int64? {
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        guard let row = try cursor.next() else { return nil }
        var columns = StoredRow(row)
        return try columns.optionalInteger()
    }
}
