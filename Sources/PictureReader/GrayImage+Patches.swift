/// What is light on a dark page. A code without a quiet zone runs into such a page: its finder patterns are not told from
/// the ground, until it is cut out along its light modules.
extension GrayImage {
    /// Pixels a side of the cells in which light is looked for: wider than a module of the smallest code that can be read,
    /// so that a code hangs together, and narrower than what is between a code and the text beside it.
    private static let cell = 4
    /// Between the lightest and the darkest pixel; below it there is nothing to read.
    private static let leastContrast = 64
    /// Pixels. A code has 21 modules at least.
    private static let shortestSide = 32
    /// Of the longer side; a code on a screen is square.
    private static let leastShorterSide = (numerator: 4, denominator: 5)
    private static let most = 8

    /// Places in a picture, in pixels or in cells.
    private struct Box {
        var columns: Range<Int>
        var rows: Range<Int>

        var area: Int { columns.count * rows.count }

        /// - Parameter slack: by how much the shorter side may be longer than it seems.
        func isSquare(slack: Int = 0) -> Bool {
            let (shorter, longer) = (min(columns.count, rows.count) + slack, max(columns.count, rows.count))
            return shorter * GrayImage.leastShorterSide.denominator >= longer * GrayImage.leastShorterSide.numerator
        }

        mutating func take(column: Int, row: Int) {
            columns = min(columns.lowerBound, column)..<max(columns.upperBound, column + 1)
            rows = min(rows.lowerBound, row)..<max(rows.upperBound, row + 1)
        }
    }

    /// The light patches that are as square as codes are, the largest first.
    var lightPatches: [GrayImage] {
        guard let threshold else { return [] }
        // The largest alone are looked at closely: rings within rings would take a look at the whole picture each.
        return connectedCells(from: threshold)
            .filter { $0.isSquare(slack: 2) && min($0.columns.count, $0.rows.count) * Self.cell >= Self.shortestSide }
            .sorted { $0.area > $1.area }.prefix(Self.most)
            .compactMap { lightPixels(in: $0, from: threshold) }
            .filter { $0.isSquare() && $0.area < width * height }
            .map(cut)
    }

    /// The least light value that counts as light; nil where all are alike.
    private var threshold: UInt8? {
        withPixels { pixels in
            var (darkest, lightest) = (UInt8.max, UInt8.min)
            for index in pixels.indices {
                darkest = min(darkest, pixels[index])
                lightest = max(lightest, pixels[index])
            }
            guard Int(lightest) - Int(darkest) >= Self.leastContrast else { return nil }
            return darkest + (lightest - darkest) / 2
        }
    }

    /// Where cells with light in them hang together, by a side or a corner.
    private func connectedCells(from threshold: UInt8) -> [Box] {
        let (columns, rows) = ((width + Self.cell - 1) / Self.cell, (height + Self.cell - 1) / Self.cell)
        var isLight = [Bool](repeating: false, count: columns * rows)
        withPixels { pixels in
            for y in 0..<height {
                for x in 0..<width where pixels[y * width + x] >= threshold {
                    isLight[y / Self.cell * columns + x / Self.cell] = true
                }
            }
        }
        var boxes: [Box] = []
        for start in isLight.indices where isLight[start] {
            isLight[start] = false
            var box = Box(
                columns: start % columns..<start % columns + 1, rows: start / columns..<start / columns + 1)
            var open = [start]
            while let cell = open.popLast() {
                let (column, row) = (cell % columns, cell / columns)
                box.take(column: column, row: row)
                for y in max(row - 1, 0)..<min(row + 2, rows) {
                    for x in max(column - 1, 0)..<min(column + 2, columns) where isLight[y * columns + x] {
                        isLight[y * columns + x] = false
                        open.append(y * columns + x)
                    }
                }
            }
            boxes.append(box)
        }
        return boxes
    }

    /// The smallest box around the light pixels in some cells.
    private func lightPixels(in cells: Box, from threshold: UInt8) -> Box? {
        withPixels { pixels in
            var box: Box?
            for y in cells.rows.lowerBound * Self.cell..<min(cells.rows.upperBound * Self.cell, height) {
                for x in cells.columns.lowerBound * Self.cell..<min(cells.columns.upperBound * Self.cell, width)
                where pixels[y * width + x] >= threshold {
                    if box == nil { box = Box(columns: x..<x + 1, rows: y..<y + 1) }
                    box?.take(column: x, row: y)
                }
            }
            return box
        }
    }

    private func cut(_ box: Box) -> GrayImage {
        GrayImage(width: box.columns.count, height: box.rows.count) { target in
            withPixels { source in
                for (y, row) in box.rows.enumerated() {
                    for (x, column) in box.columns.enumerated() {
                        target[y * box.columns.count + x] = source[row * width + column]
                    }
                }
            }
        }
    }
}
