extension Template {
    /// A place, as it is written: from the left and upper edges, or from the right and lower ones.
    public struct Box: Hashable, Sendable {
        public var x: Length
        public var y: Length
        public var width: Length
        public var height: Length

        /// The place on an area of that size; all in millimeters.
        public func resolved(width areaWidth: Double, height areaHeight: Double) -> Rectangle {
            let (x, y) = (x.position(on: areaWidth), y.position(on: areaHeight))
            return Rectangle(
                x: x, y: y, width: max(width.extent(from: x, on: areaWidth), 0),
                height: max(height.extent(from: y, on: areaHeight), 0))
        }
    }

    /// `12`, `-12`, `50%` or `50%+12`: millimeters, and percents of the area.
    public struct Length: Hashable, Sendable {
        /// 0 to 1.
        public var fraction: Double?
        public var millimeters: Double

        /// Where it begins: a negative number counts from the far edge.
        func position(on area: Double) -> Double {
            (fraction ?? (millimeters < 0 ? 1 : 0)) * area + millimeters
        }

        /// How far it goes: a number that is not positive says how far from the far edge it ends.
        func extent(from start: Double, on area: Double) -> Double {
            if let fraction { return fraction * area + millimeters }
            return millimeters > 0 ? millimeters : area + millimeters - start
        }
    }
}

/// Millimeters, from the upper left corner.
public struct Rectangle: Hashable, Sendable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}
