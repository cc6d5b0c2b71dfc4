internal import FoundationEssentials
internal import GRDB
internal import KeyProvision

/// The columns of a row from left to right. Of another type than they should be, which only damage or another program
/// can bring about, they are an error; GRDB's own conversion would trap, and takes longer.
@safe struct StoredRow {
    private let statement: SQLiteStatement
    private let count: CInt
    private var index: CInt = 0

    /// - Parameter statement: that has a row; the columns are those of the row that it has when they are read.
    init(_ statement: Statement) {
        unsafe self.statement = statement.sqliteStatement
        count = CInt(statement.columnCount)
    }

    /// For the next row of the same statement.
    mutating func rewind() { index = 0 }

    mutating func integer() throws(LedgerError) -> Int64 { try present(optionalInteger()) }
    mutating func text() throws(LedgerError) -> String { try present(optionalText()) }
    mutating func bytes() throws(LedgerError) -> [UInt8] { try present(optionalBytes()) }

    mutating func int() throws(LedgerError) -> Int { Int(try integer()) }
    mutating func optionalInt() throws(LedgerError) -> Int? { try optionalInteger().map { Int($0) } }

    /// A word that this program knows.
    mutating func word<Word: RawRepresentable<String>>() throws(LedgerError) -> Word {
        try present(Word(rawValue: try text()))
    }

    mutating func optionalWord<Word: RawRepresentable<String>>() throws(LedgerError) -> Word? {
        guard let text = try optionalText() else { return nil }
        return try present(Word(rawValue: text))
    }

    mutating func optionalInteger() throws(LedgerError) -> Int64? {
        switch try next() {
        case .int64(let value): value
        case .null: nil
        default: throw Self.wrongType
        }
    }

    mutating func optionalText() throws(LedgerError) -> String? {
        switch try next() {
        case .string(let value): value
        case .null: nil
        default: throw Self.wrongType
        }
    }

    mutating func optionalBytes() throws(LedgerError) -> [UInt8]? {
        switch try next() {
        case .blob(let value): [UInt8](value)
        case .null: nil
        default: throw Self.wrongType
        }
    }

    private mutating func next() throws(LedgerError) -> DatabaseValue.Storage {
        guard index < count else { throw Self.wrongType }
        defer { index += 1 }
        return unsafe DatabaseValue(sqliteStatement: statement, index: index).storage
    }

    private func present<Value>(_ value: Value?) throws(LedgerError) -> Value {
        guard let value else { throw Self.wrongType }
        return value
    }

    private static let wrongType = LedgerError.damaged("a column has a value that it cannot have")
}

/// A BLOB as an argument of a statement.
func blob(_ bytes: [UInt8]) -> DatabaseValue { Data(bytes).databaseValue }
