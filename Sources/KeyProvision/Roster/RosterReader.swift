public import SecretFormats

/// The entries of a roster, one after another, in the memory of one row.
///
/// ```
/// account,name,quantity        CSV (RFC 4180): comma, semicolon or tab; the first row names the columns
/// [{"account":"a"}, …]         JSON: a list of objects
/// {"account":"a"}\n…           or an object a line
/// ```
///
/// Names of columns are `RosterColumn.names`. Text is UTF-8, with or without a byte order mark. An empty cell, and null, are as
/// if the column were not there; a row of empty cells, as spreadsheets leave them behind, is passed over. All else that is not
/// as described is an error, so that a slip is no missing key.
public struct RosterReader {
    private let rows: any RosterRows
    private var entries: RosterEntries?
    private var problems: ArraySlice<RosterError> = []
    private var hasFound = false
    private var isRowNew = false
    /// Of the latest entry.
    public private(set) var place: RosterPlace?
    /// Whether there is nothing more, not even an error.
    private(set) var isAtEnd = false
    /// Whether the latest entry is the first one of its row.
    public private(set) var isFirstOfRow = false

    public init(_ source: any ByteSource) { rows = RosterStart.rows(of: source) }

    /// Bytes that are held between two rows.
    var heldByteCount: Int { rows.heldByteCount }

    /// The next entry; nil at the end.
    ///
    /// After an error it may be called again: what else is wrong with the row, then the rows behind it. Where there is no way
    /// on, as in a text that is no JSON, the end follows.
    public mutating func next() throws(RosterError) -> RosterEntry? {
        while true {
            if let problem = problems.popFirst() { throw problem }
            if let entry = entries?.next() {
                (isFirstOfRow, isRowNew) = (isRowNew, false)
                return entry
            }
            guard let row = rows.next() else {
                isAtEnd = hasFound
                hasFound = true
                guard isAtEnd else { throw RosterError(.empty) }
                return nil
            }
            hasFound = true
            place = row.place
            switch row.entries() {
            case .success(let found): (entries, isRowNew) = (found, true)
            case .failure(let found): problems = found.all[...]
            }
        }
    }
}

/// The rows of a roster in one of its forms. What is wrong with one is in it, so that the next can be read.
protocol RosterRows: AnyObject {
    /// Nil at the end, and where there is no way on.
    func next() -> RosterRow?
    var heldByteCount: Int { get }
}
