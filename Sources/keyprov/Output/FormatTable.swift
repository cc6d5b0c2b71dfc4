import ByteBuffers
import SecretFormats

/// What each format carries, as people and programs read it. All of it is the data that refusals are made from.
struct FormatTable {
    let asJSON: Bool

    func print(to console: Console) throws(FileError) {
        if asJSON {
            for format in FormatList.all { try console.data(json(of: format)) }
        } else {
            try console.data(text)
        }
    }

    private static let heading = [
        "format", "read", "write", "types", "hashes", "digits", "period", "counter", "bytes", "encrypted",
        "fields (* needed)",
        "judged by",
    ]

    private var text: String {
        let rows = [Self.heading] + FormatList.all.map(Self.row)
        let widths = Self.heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                row[column] + String(repeating: " ", count: widths[column] - row[column].count)
            }
            let line = cells.joined(separator: "  ")
            return line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.endIndex)] + "\n"
        }.joined()
    }

    private static func row(_ format: any SecretFormat) -> [String] {
        let limits = format.limits
        let isOATH = limits.kinds != [.yubicoOTP]
        let bytes = limits.secretLengths
        let fields = names(limits.carried).map { name in
            limits.required.contains { $0.name == name } ? name + "*" : name
        }
        return [
            format.name, format.isReadable ? "yes" : "no", format.isWritable ? "yes" : "no",
            limits.kinds.map(\.rawValue).joined(separator: ","),
            isOATH ? limits.algorithms.map(\.rawValue).joined(separator: ",") : "-",
            isOATH ? limits.digits.map(String.init).joined(separator: ",") : "-",
            limits.kinds.contains(.totp) ? limits.periods.texts.joined(separator: ",") : "-",
            limits.kinds.contains(.hotp) ? counters(limits) : "-",
            isOATH ? (bytes.count == 1 ? "\(bytes.lowerBound)" : "\(bytes.lowerBound)-\(bytes.upperBound)") : "16",
            format.encryption.rawValue, fields.isEmpty ? "-" : fields.joined(separator: ","),
            format.judges.isEmpty ? "-" : format.judges.joined(separator: ", "),
        ]
    }

    private static func counters(_ limits: FormatLimits) -> String {
        let range = limits.counters
        if range == Credential.counterRange { return "any" }
        if range.upperBound == Credential.counterRange.upperBound { return "\(range.lowerBound) and more" }
        return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }

    private static func names(_ fields: Set<FormatError.Field>) -> [String] { fields.map(\.name).sorted() }

    private func json(of format: any SecretFormat) -> WipedBuffer {
        let limits = format.limits
        let json = JSONWriter()
        func list(_ key: StaticString, _ texts: [String]) {
            json.key(key)
            json.array { for text in texts { json.value(text) } }
        }
        json.object {
            json.key("name")
            json.value(format.name)
            json.key("summary")
            json.value(format.summary)
            json.key("read_by")
            json.value(limits.readBy)
            json.key("readable")
            json.value(format.isReadable)
            json.key("writable")
            json.value(format.isWritable)
            list("types", limits.kinds.map(\.rawValue))
            list("algorithms", limits.algorithms.map(\.rawValue))
            json.key("digits")
            json.array { for digits in limits.digits { json.value(digits) } }
            list("periods", limits.periods.texts)
            json.key("counters")
            json.array {
                json.value(limits.counters.lowerBound)
                json.value(limits.counters.upperBound)
            }
            json.key("secret_bytes")
            json.array {
                json.value(limits.secretLengths.lowerBound)
                json.value(limits.secretLengths.upperBound)
            }
            json.key("encryption")
            json.value(format.encryption.rawValue)
            list("carries", Self.names(limits.carried))
            list("needs", Self.names(limits.required))
            list("beside", Self.names(limits.unwritten))
            list("judged_by", format.judges)
        }
        json.endLine()
        return json.buffer
    }
}
