internal import SheetJobs

/// A table of entries, as many on a page as there is room for.
final class InventoryPages {
    private let composer: PageComposer
    private let box: Template.Box
    private let style: Template.TextStyle
    private let columns: [Template.Column]

    private static let padding = 1.2
    private static let lineThickness = 0.4

    /// nil where the template has no table.
    init?(_ template: Template, _ composer: PageComposer) {
        guard let table = template.table else { return nil }
        self.composer = composer
        (style, columns, box) = table
    }

    /// - Parameter first: number of the first entry.
    func add(
        _ entries: [SheetEntry], first: Int, to page: inout Page, paper: (width: Double, height: Double)
    ) throws(SheetFailure) {
        let area = box.resolved(width: paper.width, height: paper.height)
        var heading = style
        heading.isBold = true
        heading.verticalAlignment = .middle
        var cells: [(Template.Column, Rectangle)] = []
        var x = area.x
        let weights = columns.reduce(0) { $0 + $1.weight }
        for column in columns {
            let width = area.width * column.weight / weights
            cells.append((column, Rectangle(x: x, y: 0, width: width - Self.padding, height: Template.rowHeight)))
            x += width
        }
        let places = cells.map { column, cell in
            (column, Rectangle(x: cell.x, y: area.y, width: cell.width, height: Template.headingHeight).inPoints)
        }
        heading.size = try size(of: heading, places)
        for (column, place) in places {
            let text = try composer.setter.fixed(column.heading, heading, width: place.width, height: place.height)
            composer.place(text, heading, place, on: &page)
        }
        rule(area, y: area.y + Template.headingHeight, thickness: Self.lineThickness * 2, on: &page)
        for (index, entry) in entries.enumerated() {
            let y = area.y + Template.headingHeight + Double(index) * Template.rowHeight
            do throws(SheetFailure) {
                for (column, cell) in cells {
                    try add(column, entry, first + index, cell.moved(x: 0, y: y), to: &page)
                }
            } catch {
                throw SheetFailure(error.code, entry: first + index)
            }
            rule(area, y: y + Template.rowHeight, thickness: Self.lineThickness, on: &page)
        }
    }

    /// One size for all headings: that in which the longest of them fits.
    private func size(
        of heading: Template.TextStyle, _ places: [(Template.Column, Rectangle)]
    ) throws(SheetFailure) -> Double {
        var size = heading.size
        for (column, place) in places {
            size = min(
                size,
                try composer.setter.size(of: column.heading, heading, width: place.width, height: place.height))
        }
        return size
    }

    private func add(
        _ column: Template.Column, _ entry: SheetEntry, _ number: Int, _ cell: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        let shown: String?
        switch column.content {
        case .number: shown = String(number)
        case .value(let name): shown = composer.shown(name, entry)
        case .received: shown = nil
        }
        guard let shown else { return }
        var style = style
        style.verticalAlignment = .middle
        let place = cell.inPoints
        let text = try composer.setter.fit([.text(shown)], style, width: place.width, height: place.height)
        composer.place(text, style, place, on: &page)
    }

    private func rule(_ area: Rectangle, y: Double, thickness: Double, on page: inout Page) {
        let line = Rectangle(x: area.x, y: y, width: area.width, height: 0).inPoints
        page.marks.append(.rule(line, thickness: thickness, isDashed: false))
    }
}
