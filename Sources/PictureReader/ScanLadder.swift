internal import ByteBuffers

/// The passes over one image, from the cheapest to the dearest, up to the first that finds something.
///
/// Each stands for a kind of picture that the ones before it do not read; the tests count what is gained. Turned codes and
/// most distortions are the library's own business.
struct ScanLadder {
    private struct Pass {
        let scale: Scale
        var isInverted = false
        var isFramed = true
        var isCut = false
    }

    private enum Scale {
        case asIs
        case times(Int)
        /// Halved so many times.
        case halved(Int)
    }

    private static let passes: [Pass] = [
        Pass(scale: .asIs, isFramed: false),
        // Light modules on a dark ground.
        Pass(scale: .asIs, isInverted: true),
        // Codes up to the picture's edge.
        Pass(scale: .asIs),
        // Codes up to the edge of a dark page.
        Pass(scale: .asIs, isCut: true),
        Pass(scale: .times(2), isCut: true),
        // Codes of less than two pixels a module, and blurred ones.
        Pass(scale: .times(2)),
        Pass(scale: .times(2), isInverted: true),
        // Noise.
        Pass(scale: .halved(1)),
        Pass(scale: .halved(2)),
        Pass(scale: .times(3)),
        Pass(scale: .times(3), isInverted: true),
    ]

    /// Pixels of the largest image that is enlarged to: a pass over so many takes about half a second.
    private static let largestEnlarged = 16 << 20
    /// The shortest side that may be left: a smaller picture has no noise that would outweigh the loss.
    private static let shortestHalved = 100
    /// Images that are looked at briefly take the first passes only.
    private static let briefPasses = 3
    /// The frame is this part of the longer side; eight modules of the smallest code.
    private static let frameShare = 8
    private static let frameRange = 8...64

    let scanner: CodeScanner

    /// What the codes of the image hold.
    ///
    /// - Parameter isBrief: only the first passes, for images that can be had with more pixels.
    func codes(in image: GrayImage, isBrief: Bool = false) -> [WipedBuffer] {
        for pass in Self.passes.prefix(isBrief ? Self.briefPasses : Self.passes.count) {
            var codes: [WipedBuffer] = []
            for part in pass.isCut ? image.lightPatches : [image] {
                guard let prepared = Self.prepare(part, for: pass) else { continue }
                codes += scanner.codes(in: prepared).filter { code in !codes.contains { $0.holdsSame(as: code) } }
            }
            if !codes.isEmpty { return codes }
        }
        return []
    }

    private static func prepare(_ image: GrayImage, for pass: Pass) -> GrayImage? {
        var image = pass.isInverted ? image.inverted : image
        switch pass.scale {
        case .asIs: break
        case .halved(let times):
            guard min(image.width, image.height) >> times >= shortestHalved else { return nil }
            for _ in 0..<times { image = image.halved }
        case .times(let factor):
            guard image.width * image.height * factor * factor <= largestEnlarged else { return nil }
            image = image.enlarged(by: factor)
        }
        guard pass.isFramed else { return image }
        let frame = max(image.width, image.height) / frameShare
        return image.framed(by: min(max(frame, frameRange.lowerBound), frameRange.upperBound))
    }
}
