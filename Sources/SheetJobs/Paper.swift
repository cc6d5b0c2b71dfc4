/// A sheet of paper.
public struct Paper: Hashable, Sendable {
    public let name: String
    /// Millimeters, upright.
    public let width: Double
    public let height: Double

    /// ISO 216.
    public static let a4 = Paper(name: "A4", width: 210, height: 297)
    /// ANSI Y14.1: 8.5 by 11 inches.
    public static let letter = Paper(name: "Letter", width: 215.9, height: 279.4)

    public static let all = [a4, letter]
}

/// What a job is printed on: whole sheets, or labels.
public enum Medium: Hashable, Sendable {
    case paper(Paper)
    case labels(LabelStock)

    public static var all: [Medium] { Paper.all.map(Medium.paper) + LabelStock.all.map(Medium.labels) }

    /// By the paper's name or the stock's number, capital and small letters alike.
    public static func named(_ name: String) -> Medium? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }

    public var name: String {
        switch self {
        case .paper(let paper): paper.name
        case .labels(let stock): stock.number
        }
    }

    /// The page that a printer sees, in millimeters.
    public var page: (width: Double, height: Double) {
        switch self {
        case .paper(let paper): (paper.width, paper.height)
        case .labels(let stock): (stock.pageWidth, stock.pageHeight)
        }
    }

    /// What one entry is drawn on, in millimeters.
    public var area: (width: Double, height: Double) {
        switch self {
        case .paper(let paper): (paper.width, paper.height)
        case .labels(let stock): (stock.width, stock.height)
        }
    }
}
