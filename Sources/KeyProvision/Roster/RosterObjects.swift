import ByteBuffers
import SecretFormats

/// A roster as JSON: a list of objects, or an object a line.
final class RosterObjects: RosterRows {
    private let objects: JSONObjects
    var heldByteCount: Int { objects.heldByteCount }

    init(_ objects: JSONObjects) { self.objects = objects }

    func next() -> RosterRow? {
        do throws(FormatError) {
            guard case .object(let members)? = try objects.next() else { return nil }
            return read(members)
        } catch {
            let place = RosterPlace(
                line: error.line ?? objects.firstLine, row: objects.isAtEnd ? nil : objects.count)
            return RosterRow(place, problems: [RosterError(error, at: place)])
        }
    }

    private func read(_ members: [JSON.Member]) -> RosterRow {
        var row = RosterRow(RosterPlace(line: objects.firstLine, row: objects.count))
        var seen: Set<RosterColumn> = []
        for (index, member) in members.enumerated() {
            guard let column = RosterColumn(named: member.name) else {
                let perhaps = RosterColumn.name(like: member.name)
                row.problems.append(
                    RosterError(.unknownMember(number: index + 1, perhaps: perhaps), at: row.place))
                continue
            }
            if !seen.insert(column).inserted {
                row.problems.append(RosterError(.duplicateColumn, column, at: row.place))
            }
            switch Self.text(member.value, in: column) {
            case .success(let text?): row.cells.append((column, text))
            case .success(nil): break
            case .failure(let fault): row.problems.append(RosterError(fault.kind, column, at: row.place))
            }
        }
        return row
    }

    private struct Fault: Error {
        let kind: RosterError.Kind
    }

    /// - Returns: nil for null and empty text.
    private static func text(_ value: JSON, in column: RosterColumn) -> Result<String?, Fault> {
        switch value {
        case .null: return .success(nil)
        case .string(let buffer):
            guard let text = buffer.withBytes({ $0.utf8Text() }) else { return .failure(Fault(kind: .notText)) }
            return .success(text.isEmpty ? nil : text)
        // Serial numbers are digits to people and programs alike; an account that is a number is more likely a mistake.
        case .number(let text) where column.range != nil || column == .serial: return .success(text)
        default: return .failure(Fault(kind: .otherKind))
        }
    }
}
