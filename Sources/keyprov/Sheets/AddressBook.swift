import ByteBuffers
import SecretFormats
import SheetJobs

/// Who the entries belong to and where these people are: a table with a row for each.
///
/// ```
/// account,name,department,street,town
/// ada@example.com,Ada Lovelace,IT,12 Example Street,12345 Exampleton
/// ```
///
/// The first row names the columns. `account` or `serial` finds the entry; `name` or `owner` is whose it is; all columns but
/// these are lines of the address, below the name and in the order of the file.
struct AddressBook {
    private let path: String
    private let key: SheetEntry.Name
    private var people: [String: Person] = [:]

    private struct Person {
        let name: String?
        let address: String
    }

    private static let limit = 64 << 20
    private static let identifying: Set = ["account", "serial", "name", "owner"]

    init(_ path: String) throws {
        self.path = path
        let bytes = try Files.read(path, limit: Self.limit)
        do throws(FormatError) {
            let table = bytes.withBytes { CSVTable($0) }
            guard let head = try table.next()?.map({ $0.lowercased() }) else { throw FormatError(.missing, .noHeader) }
            guard let found = [SheetEntry.Name.account, .serial].first(where: { head.contains($0.text) }),
                let column = head.firstIndex(of: found.text)
            else { throw FormatError(.missing, "no column 'account' and none 'serial'", line: table.line) }
            key = found
            let nameColumn = head.firstIndex { $0 == "name" || $0 == "owner" }
            while let cells = try table.next() {
                guard cells.count == head.count else {
                    throw FormatError(.malformed, "not as many cells as the first row", line: table.line)
                }
                let name = nameColumn.map { cells[$0] }.flatMap { $0.isEmpty ? nil : $0 }
                let others = cells.enumerated().filter { index, cell in
                    !cell.isEmpty && !Self.identifying.contains(head[index])
                }
                let person = Person(
                    name: name, address: ([name] + others.map(\.element)).compactMap(\.self).joined(separator: "\n"))
                guard people.updateValue(person, forKey: cells[column].lowercased()) == nil else {
                    throw FormatError(.duplicate, "a person of an earlier line", line: table.line)
                }
            }
        } catch {
            throw CommandFailure.addresses(error, path: path)
        }
    }

    /// Adds whose the entry is and where.
    ///
    /// - Parameter number: of the entry, from 1, for the error where nobody is found: a letter to the wrong person is
    ///   worse than none.
    func complete(_ entry: inout SheetEntry, number: Int) throws {
        guard let value = entry.texts[key], let person = people[value.lowercased()] else {
            throw CommandFailure.noAddress(entry: number, path: path)
        }
        if let name = person.name { entry.texts[.owner] = name }
        if !person.address.isEmpty { entry.texts[.address] = person.address }
    }
}
