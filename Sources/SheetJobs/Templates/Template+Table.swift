extension Template {
    /// Millimeters: room to sign by hand.
    public static let rowHeight = 9.0
    /// Millimeters.
    public static let headingHeight = 7.0

    /// Where the table of a list stands; nil where there is none.
    public var table: (style: TextStyle, columns: [Column], box: Box)? {
        for element in elements {
            if case .table(let style, let columns) = element.content { return (style, columns, element.box) }
        }
        return nil
    }

    /// Rows of the table on a page of that size in millimeters; at least one, or a job would not come to its end.
    public func rows(on page: (width: Double, height: Double)) -> Int {
        let height = table?.box.resolved(width: page.width, height: page.height).height ?? 0
        return max(Int((height - Self.headingHeight) / Self.rowHeight), 1)
    }
}
