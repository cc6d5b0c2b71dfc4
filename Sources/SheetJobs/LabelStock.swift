/// A kind of label that is sold under a number: on sheets in rows and columns, or one by one on a roll.
///
/// ```
///            left      pitchX
///          ├──────┼──────────────┤
///     top  ┬ ┌────────────┐ ┌────────────┐
///          ┼ │   width    │ │            │   height
///   pitchY │ └────────────┘ └────────────┘
///          ┴ ┌────────────┐ ┌────────────┐
/// ```
///
/// All in millimeters.
public struct LabelStock: Hashable, Sendable {
    public let maker: String
    /// As it stands on the box.
    public let number: String
    /// nil for a roll, whose page is one label.
    public let paper: Paper?
    public let columns: Int
    public let rows: Int
    public let width: Double
    public let height: Double
    public let left: Double
    public let top: Double
    public let pitchX: Double
    public let pitchY: Double

    public var count: Int { columns * rows }
    public var pageWidth: Double { paper?.width ?? width }
    public var pageHeight: Double { paper?.height ?? height }

    /// The upper left corner of a label on its sheet.
    ///
    /// - Parameter index: from 0, row by row.
    public func origin(_ index: Int) -> (x: Double, y: Double) {
        (left + Double(index % columns) * pitchX, top + Double(index / columns) * pitchY)
    }

    static func sheet(
        _ maker: String, _ number: String, _ paper: Paper, _ columns: Int, _ rows: Int, size: (Double, Double),
        margin: (Double, Double), pitch: (Double, Double)
    ) -> LabelStock {
        LabelStock(
            maker: maker, number: number, paper: paper, columns: columns, rows: rows, width: size.0, height: size.1,
            left: margin.0, top: margin.1, pitchX: pitch.0, pitchY: pitch.1)
    }

    static func roll(_ maker: String, _ number: String, _ width: Double, _ height: Double) -> LabelStock {
        LabelStock(
            maker: maker, number: number, paper: nil, columns: 1, rows: 1, width: width, height: height, left: 0,
            top: 0, pitchX: width, pitchY: height)
    }
}
