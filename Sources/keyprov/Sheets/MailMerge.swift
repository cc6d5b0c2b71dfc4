import ArgumentParser
import ByteBuffers
import SecretFormats
import SheetJobs

/// The values of the pages for people who have a letter of their own: a table in CSV (RFC 4180), or an object of JSON a
/// line. Both hold the secrets.
final class MailMerge {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, json
    }

    private let format: Format
    /// CSV has its columns from the first entry: a profile has the same fields for all of a kind.
    private var labels: [String]?

    init(_ format: Format) { self.format = format }

    func text(of entry: SheetEntry, number: Int) -> WipedBuffer {
        switch format {
        case .csv: csv(entry, number)
        case .json: json(entry, number)
        }
    }

    private static let fixedColumns = ["number"] + SheetEntry.Name.allCases.map(\.text) + ["secret", "uri"]

    private func csv(_ entry: SheetEntry, _ number: Int) -> WipedBuffer {
        let table = WipedBuffer(capacity: 1024)
        if labels == nil {
            let labels = entry.fields.map(\.label)
            row((Self.fixedColumns + labels).map { .text($0) }, into: table)
            self.labels = labels
        }
        var cells: [SheetEntry.Value] = [.text(String(number))]
        cells += SheetEntry.Name.allCases.map { .text(entry.texts[$0] ?? "") }
        cells += [entry.secret, entry.uri].map { $0.map { .secret($0) } ?? .text("") }
        cells += (labels ?? []).map { label in entry.fields.first { $0.label == label }?.value ?? .text("") }
        row(cells, into: table)
        return table
    }

    /// Every cell stands in quotes, with quotes in it doubled: names have commas and line breaks.
    private func row(_ cells: [SheetEntry.Value], into table: WipedBuffer) {
        for (index, cell) in cells.enumerated() {
            table.append(index == 0 ? "\"" : ",\"")
            switch cell {
            case .text(let text):
                for byte in text.utf8 {
                    if byte == UInt8(ascii: "\"") { table.append(byte) }
                    table.append(byte)
                }
            // Base32 and URIs have no quotes.
            case .secret(let secret): secret.withBytes { table.append(contentsOf: $0) }
            }
            table.append("\"")
        }
        table.append("\r\n")
    }

    private func json(_ entry: SheetEntry, _ number: Int) -> WipedBuffer {
        let json = JSONWriter()
        json.object {
            json.key("number")
            json.value(number)
            for name in SheetEntry.Name.allCases {
                json.key(name.key)
                json.value(entry.texts[name])
            }
            json.key("secret")
            if let secret = entry.secret { json.value(secret) } else { json.null() }
            json.key("uri")
            if let uri = entry.uri { json.value(uri) } else { json.null() }
            json.key("fields")
            json.array {
                for field in entry.fields {
                    json.object {
                        json.key("label")
                        json.value(field.label)
                        json.key("value")
                        switch field.value {
                        case .text(let text): json.value(text)
                        case .secret(let secret): json.value(secret)
                        }
                    }
                }
            }
        }
        json.endLine()
        return json.buffer
    }
}

extension SheetEntry.Name {
    fileprivate var key: StaticString {
        switch self {
        case .owner: "owner"
        case .address: "address"
        case .issuer: "issuer"
        case .account: "account"
        case .model: "model"
        case .serial: "serial"
        case .slot: "slot"
        case .date: "date"
        case .type: "type"
        case .algorithm: "algorithm"
        case .digits: "digits"
        case .period: "period"
        case .counter: "counter"
        case .check: "check"
        case .contact: "contact"
        }
    }
}
