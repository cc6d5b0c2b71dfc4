extension Template {
    private static let place: Set = ["x", "y", "w", "h", "part", "if"]
    private static let style: Set = ["size", "align", "valign"]
    private static let styleFlags: Set = ["bold", "mono"]
    /// Points.
    private static let sizes = 3.0...200
    /// Millimeters.
    private static let thicknesses = 0.05...5.0

    static func element(_ line: TemplateLine, _ language: SheetLanguage) throws(TemplateError) -> Element {
        let content = try content(line, language)
        var element = Element(box: try box(line), content: content)
        element.part = try line.choice("part", default: .all)
        element.condition = try condition(line)
        return element
    }

    private static func condition(_ line: TemplateLine) throws(TemplateError) -> Condition? {
        switch line.values["if"] {
        case nil: return nil
        case "codes"?: return .codes
        case "fields"?: return .fields
        case "recovery"?: return .recovery
        case let word?:
            guard let name = SheetEntry.Name.named(word) else { throw line.error(.unknownName(word)) }
            return .value(name)
        }
    }

    /// Without a width a place goes to the right edge, without a height to the lower one.
    private static func box(_ line: TemplateLine) throws(TemplateError) -> Box {
        Box(
            x: try line.length("x"), y: try line.length("y"), width: try line.length("w", default: 0),
            height: try line.length("h", default: 0))
    }

    private static func content(_ line: TemplateLine, _ language: SheetLanguage) throws(TemplateError) -> Content {
        switch line.statement {
        case "text":
            try line.allow(keys: place.union(style), flags: styleFlags, text: true)
            return .text(try textStyle(line), try Segment.parse(line.text ?? "", language, line))
        case "list":
            try line.allow(keys: place.union(style), flags: styleFlags, text: true)
            let style = try textStyle(line)
            var paragraphs: [[Segment]] = []
            for paragraph in (line.text ?? "").split(separator: "\n") {
                paragraphs.append(try Segment.parse(String(paragraph), language, line))
            }
            return .list(style, paragraphs)
        case "rows":
            try line.allow(keys: place.union(style).union(["names"]), flags: styleFlags)
            let names = try names(line, "names")
            return .rows(try textStyle(line), names, labels: names.map { label(of: $0, language) })
        case "fields":
            try line.allow(keys: place.union(style), flags: styleFlags)
            return .fields(try textStyle(line))
        case "codes":
            try line.allow(keys: place.union(style), flags: styleFlags)
            return .codes(try textStyle(line))
        case "recovery":
            try line.allow(keys: place.union(style).union(["columns"]), flags: styleFlags)
            return .recovery(try textStyle(line), columns: Int(try line.number("columns", in: 1...10, default: 5)))
        case "qr":
            try line.allow(keys: place.union(["correction"]))
            return .qr(try line.choice("correction", default: .m))
        case "rule":
            try line.allow(keys: place.union(["thickness"]), flags: ["dashed"])
            return .rule(thickness: try thickness(line), isDashed: line.flags.contains("dashed"))
        case "frame":
            try line.allow(keys: place.union(["thickness"]))
            return .frame(thickness: try thickness(line))
        case "logo":
            try line.allow(keys: place)
            return .logo
        case "table":
            try line.allow(keys: place.union(style).union(["columns"]), flags: styleFlags)
            return .table(try textStyle(line), try columns(line, language))
        default: throw line.error(.unknownStatement(line.statement))
        }
    }

    private static func thickness(_ line: TemplateLine) throws(TemplateError) -> Double {
        try line.number("thickness", in: thicknesses, default: 0.2)
    }

    private static func textStyle(_ line: TemplateLine) throws(TemplateError) -> TextStyle {
        TextStyle(
            size: try line.number("size", in: sizes, default: 10), isBold: line.flags.contains("bold"),
            isMono: line.flags.contains("mono"), alignment: try line.choice("align", default: .left),
            verticalAlignment: try line.choice("valign", default: .top))
    }

    private static func names(_ line: TemplateLine, _ key: String) throws(TemplateError) -> [SheetEntry.Name] {
        guard let list = line.values[key] else { throw line.error(.missing(key)) }
        var names: [SheetEntry.Name] = []
        for word in list.split(separator: ",") {
            guard let name = SheetEntry.Name.named(String(word)) else { throw line.error(.unknownName(String(word))) }
            names.append(name)
        }
        return names
    }

    /// `number` and `received` beside the names of values. Names of people get more room than numbers.
    private static func columns(_ line: TemplateLine, _ language: SheetLanguage) throws(TemplateError) -> [Column] {
        guard let list = line.values["columns"] else { throw line.error(.missing("columns")) }
        var columns: [Column] = []
        for word in list.split(separator: ",").map(String.init) {
            switch word {
            case "number":
                columns.append(Column(content: .number, heading: language.text(of: .number), weight: 0.45))
            case "received":
                columns.append(Column(content: .received, heading: language.text(of: .received), weight: 1.7))
            default:
                guard let name = SheetEntry.Name.named(word) else { throw line.error(.unknownName(word)) }
                columns.append(
                    Column(content: .value(name), heading: label(of: name, language), weight: weight(of: name)))
            }
        }
        guard !columns.isEmpty else { throw line.error(.missing("columns")) }
        return columns
    }

    private static func weight(of name: SheetEntry.Name) -> Double {
        switch name {
        case .account, .owner, .address: 2.1
        case .model: 1.8
        case .slot, .digits, .period, .counter: 0.7
        default: 1.15
        }
    }

    /// What stands before a value. Those that have no phrase of their own are called as in templates.
    private static func label(of name: SheetEntry.Name, _ language: SheetLanguage) -> String {
        Phrase(rawValue: name.text).map(language.text) ?? name.text
    }
}
