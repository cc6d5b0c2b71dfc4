import ByteBuffers
import SheetJobs

/// The templates, papers and labels that there are.
struct SheetTables {
    let asJSON: Bool

    func print(to console: Console) throws(FileError) {
        guard !asJSON else { return try console.document(members) }
        var lines = ["templates  " + BuiltInTemplate.allCases.map(\.rawValue).joined(separator: ", ")]
        lines.append("languages  " + SheetLanguage.allCases.map(\.rawValue).joined(separator: ", "))
        for medium in Medium.all {
            switch medium {
            case .paper(let paper): lines.append("paper      \(paper.name): \(size(paper.width, paper.height))")
            case .labels(let stock):
                let place = stock.paper.map { "\(stock.columns) x \(stock.rows) on \($0.name)" } ?? "roll"
                lines.append("labels     \(stock.number): \(stock.maker), \(size(stock.width, stock.height)), \(place)")
            }
        }
        try console.data(lines.map { $0 + "\n" }.joined())
    }

    private func members(_ json: JSONWriter) {
        json.key("templates")
        json.array { for template in BuiltInTemplate.allCases { json.value(template.rawValue) } }
        json.key("languages")
        json.array { for language in SheetLanguage.allCases { json.value(language.rawValue) } }
        json.key("media")
        json.array {
            for medium in Medium.all {
                json.object {
                    json.key("name")
                    json.value(medium.name)
                    json.key("width")
                    json.value(number(medium.area.width))
                    json.key("height")
                    json.value(number(medium.area.height))
                    json.key("labels")
                    if case .labels(let stock) = medium { json.value(stock.count) } else { json.null() }
                }
            }
        }
    }

    private func size(_ width: Double, _ height: Double) -> String { "\(number(width)) x \(number(height)) mm" }

    /// Tenths of a millimeter at most.
    private func number(_ millimeters: Double) -> String {
        let tenths = Int((millimeters * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}
