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
        try first(sql, list: arguments, read: read)
    }

    private func first<Value>(
        _ sql: String, list arguments: [Argument], read: (inout StoredRow) throws -> Value
    ) throws -> Value? {
        let statement = try cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        // Without its cursor the statement has no row any more.
        return try withExtendedLifetime(cursor) {
            guard try cursor.next() != nil else { return nil }
            var columns = StoredRow(statement)
            return try read(&columns)
        }
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
        let statement = try cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        var columns = StoredRow(statement)
        while try cursor.next() != nil {
            columns.rewind()
            try body(&columns)
        }
    }

    func integer(_ sql: String, _ arguments: Argument...) throws -> Int64? {
        try first(sql, list: arguments) { try $0.optionalInteger() } ?? nil
    }
}
