internal import SecretFormats
internal import SheetJobs

extension PageComposer {
    /// Of a box to tick, in parts of the type's size; and how far the code stands from it.
    private static let boxSide = 0.85
    private static let boxGap = 0.5
    private static let lineThickness = 0.5

    /// Codes row by row, each behind a box.
    func addRecovery(
        _ style: Template.TextStyle, _ columns: Int, _ subject: Subject, _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        let codes = subject.entry.recovery
        guard !codes.isEmpty else { return }
        let rows = (codes.count + columns - 1) / columns
        let (width, height) = (box.width / Double(columns), box.height / Double(rows))
        var codeStyle = style
        codeStyle.isMono = true
        codeStyle.verticalAlignment = .middle
        let side = style.size * Self.boxSide
        for (index, code) in codes.enumerated() {
            let x = box.x + Double(index % columns) * width
            let y = box.y + Double(index / columns) * height
            page.marks.append(
                .frame(
                    Rectangle(x: x, y: y + (height - side) / 2, width: side, height: side),
                    thickness: Self.lineThickness))
            let indent = side + style.size * Self.boxGap
            let place = Rectangle(x: x + indent, y: y, width: width - indent, height: height)
            let text = try setter.fit([.secret(code)], codeStyle, width: place.width, height: place.height)
            self.place(text, codeStyle, place, on: &page)
        }
    }
}
