internal import SecretFormats
internal import SheetJobs

/// A page as a list of what is drawn on it, in points.
struct Page {
    static let pointsPerInch = 72.0
    private static let millimetersPerInch = 25.4

    static func points(_ millimeters: Double) -> Double { millimeters / millimetersPerInch * pointsPerInch }

    /// Something at its place.
    enum Mark {
        /// - clip: what it must not leave, where it otherwise would.
        case text(TextLayout, x: Double, y: Double, clip: Rectangle?)
        case code(QRCode, x: Double, y: Double, module: Double)
        case rule(Rectangle, thickness: Double, isDashed: Bool)
        case frame(Rectangle, thickness: Double)
        case logo(Logo, Rectangle)
    }

    /// A code, and where a reader has to find what.
    struct Code {
        let area: Rectangle
        let module: Double
        let text: Secret
        /// The entry, counted from 1.
        let entry: Int
    }

    let width: Double
    let height: Double
    var marks: [Mark] = []
    var codes: [Code] = []

    /// An empty page of that size in millimeters.
    init(width: Double, height: Double) {
        self.width = Self.points(width)
        self.height = Self.points(height)
    }
}

extension Rectangle {
    /// Millimeters as points.
    var inPoints: Rectangle {
        Rectangle(x: Page.points(x), y: Page.points(y), width: Page.points(width), height: Page.points(height))
    }

    func moved(x dx: Double, y dy: Double) -> Rectangle {
        Rectangle(x: x + dx, y: y + dy, width: width, height: height)
    }
}

extension Page.Mark {
    /// False only where nothing of it can be in the area: most texts of a page are far from its code.
    func mayTouch(_ area: Rectangle) -> Bool {
        switch self {
        case .text(let text, let x, let y, _):
            let reach = text.overhang + text.size.height
            // Letters may lean out of a line by a part of their height, and a line may begin anywhere up to its width.
            return y - reach < area.y + area.height && y + 2 * reach > area.y
                && x - reach < area.x + area.width && x + text.reach + reach > area.x
        case .code(let code, let x, let y, let module):
            let side = Double(code.size) * module
            return x < area.x + area.width && x + side > area.x && y < area.y + area.height && y + side > area.y
        case .rule, .frame, .logo: return true
        }
    }
}
