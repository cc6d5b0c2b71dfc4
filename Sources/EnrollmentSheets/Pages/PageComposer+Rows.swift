internal import SecretFormats
internal import SheetJobs

extension PageComposer {
    /// A label and its value.
    struct Row {
        let label: String
        let pieces: [TextSetter.Piece]
        var isMono = false
        var isBold = false
        /// Lines after which the value is cut off; nil for never.
        var lineLimit: Int32?
        /// Set where the value is the same on every page.
        var fixed: String?

        /// A value that is no secret: however long it is, it takes two lines.
        static func value(_ label: String, _ text: String) -> Row {
            Row(label: label, pieces: [.text(text)], isBold: true, lineLimit: 2)
        }
    }

    /// Between labels and values, and between lines, in parts of the type's size.
    private static let gap = 1.4
    private static let leading = 0.22
    /// Labels take no more than this part of the width.
    private static let widestLabel = 0.45
    private static let step = 0.94
    private static let smallest = 4.5

    func addRows(
        _ style: Template.TextStyle, _ names: [SheetEntry.Name], _ labels: [String], _ subject: Subject,
        _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        let rows = zip(names, labels).compactMap { name, label in
            shown(name, subject.entry).map { Row.value(label, $0) }
        }
        try add(rows, style, box, to: &page)
    }

    /// On a page without the secret its place says where it is, if anywhere.
    func addFields(
        _ style: Template.TextStyle, _ subject: Subject, _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        guard subject.mode != .secret || !subject.entry.fields.isEmpty else { return }
        let rows = subject.entry.fields.map { field in
            let label = DisplayText.shown(field.label)
            switch field.value {
            case .text(let text): return Row.value(label, DisplayText.shown(text))
            case .secret where subject.mode == .open:
                return Row(label: label, pieces: [.text(wording.language.text(of: .elsewhere))])
            case .secret(let secret): return Row(label: label, pieces: [.secret(secret)], isMono: true)
            }
        }
        try add(rows, style, box, to: &page)
    }

    func addCodes(
        _ style: Template.TextStyle, _ subject: Subject, _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        let rows = subject.entry.codes.map { expected in
            Row(
                label: wording.moment(expected.moment, of: subject.entry, time: CalendarTime.text),
                pieces: [.text(expected.code)], isMono: true, isBold: true)
        }
        // The moment is the longer of the two.
        try add(rows, style, box, labelShare: 0.75, to: &page)
    }

    /// Paragraphs in which the entry lacks a value are left out, and those that stay are numbered.
    func addList(
        _ style: Template.TextStyle, _ paragraphs: [[Template.Segment]], _ subject: Subject, _ box: Rectangle,
        to page: inout Page
    ) throws(SheetFailure) {
        var rows: [Row] = []
        for segments in paragraphs {
            guard let pieces = pieces(segments, subject) else { continue }
            var row = Row(label: String(rows.count + 1), pieces: pieces, isBold: style.isBold)
            if case .literal(let text)? = segments.first, segments.count == 1 { row.fixed = text }
            rows.append(row)
        }
        try add(rows, style, box, to: &page)
    }

    /// All rows in one size, that in which they fit.
    private func add(
        _ rows: [Row], _ style: Template.TextStyle, _ box: Rectangle, labelShare: Double = widestLabel,
        to page: inout Page
    ) throws(SheetFailure) {
        guard !rows.isEmpty else { return }
        var size = style.size
        while true {
            let set = try set(rows, style, size, width: box.width, labelShare)
            let height = set.reduce(0) { $0 + $1.height }
            if height <= box.height || size <= Self.smallest {
                return put(set, box, on: &page)
            }
            size = max(size * Self.step, Self.smallest)
        }
    }

    private struct SetRow {
        let label: TextLayout
        let value: TextLayout
        /// Of the values, from the left edge.
        let indent: Double
        let height: Double
    }

    private func set(
        _ rows: [Row], _ style: Template.TextStyle, _ size: Double, width: Double,
        _ labelShare: Double
    ) throws(SheetFailure) -> [SetRow] {
        var labelStyle = style
        labelStyle.size = size
        var labels: [TextLayout] = []
        for row in rows {
            labels.append(
                try setter.fixed(row.label, labelStyle, width: width * labelShare, height: .greatestFiniteMagnitude))
        }
        let indent = (labels.map(\.size.width).max() ?? 0) + size * Self.gap
        var set: [SetRow] = []
        for (row, label) in zip(rows, labels) {
            var valueStyle = style
            valueStyle.isMono = row.isMono
            valueStyle.isBold = row.isBold
            let value =
                if let fixed = row.fixed {
                    try setter.fixedLines(fixed, valueStyle, size: size, width: width - indent)
                } else {
                    try setter.lines(row.pieces, valueStyle, size: size, width: width - indent, lines: row.lineLimit)
                }
            let height = max(label.size.height, value.size.height) + size * Self.leading
            set.append(SetRow(label: label, value: value, indent: indent, height: height))
        }
        return set
    }

    private func put(_ rows: [SetRow], _ box: Rectangle, on page: inout Page) {
        var y = box.y
        for row in rows {
            let clip =
                row.value.overhang > row.height
                ? Rectangle(
                    x: box.x, y: y, width: box.width, height: row.height) : nil
            page.marks.append(.text(row.label, x: box.x, y: y, clip: nil))
            page.marks.append(.text(row.value, x: box.x + row.indent, y: y, clip: clip))
            y += row.height
        }
    }
}
