public import ByteBuffers

extension QRCode {
    /// The symbol with its quiet zone as an SVG document: a white square and one black path, a unit a module.
    ///
    /// - Parameter millimeters: the side of the picture on paper; 0.4 mm a module scans well. Nil leaves it to the
    ///   reader.
    public func svg(millimeters: Int? = nil) -> WipedBuffer {
        let side = String(paddedRange.count)
        let svg = WipedBuffer(capacity: 512 + size * size * 4)
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\"")
        if let millimeters {
            let length = String(millimeters)
            svg.append(contentsOf: " width=\"\(length)mm\" height=\"\(length)mm\"".utf8)
        }
        svg.append(contentsOf: " viewBox=\"0 0 \(side) \(side)\" shape-rendering=\"crispEdges\">\n".utf8)
        svg.append(contentsOf: "<path fill=\"#fff\" d=\"M0 0h\(side)v\(side)H0z\"/>\n<path fill=\"#000\" d=\"".utf8)
        forEachRun { row, columns in
            // A run of dark modules is a rectangle one unit high.
            svg.append("M")
            svg.append(contentsOf: String(columns.lowerBound + Self.quietZone).utf8)
            svg.append(" ")
            svg.append(contentsOf: String(row + Self.quietZone).utf8)
            svg.append("h")
            svg.append(contentsOf: String(columns.count).utf8)
            svg.append("v1h-")
            svg.append(contentsOf: String(columns.count).utf8)
            svg.append("z")
        }
        svg.append("\"/>\n</svg>\n")
        return svg
    }
}
