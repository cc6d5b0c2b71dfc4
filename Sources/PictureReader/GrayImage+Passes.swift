extension GrayImage {
    private static let white = UInt8.max

    /// With a white frame: a code needs a quiet zone of four modules, which a crop from a page has lost.
    func framed(by frame: Int) -> GrayImage {
        let (outer, inner) = (width + 2 * frame, width)
        return GrayImage(width: outer, height: height + 2 * frame) { target in
            withPixels { source in
                target.update(repeating: Self.white)
                for row in 0..<height {
                    let start = (row + frame) * outer + frame
                    for column in 0..<inner { target[start + column] = source[row * inner + column] }
                }
            }
        }
    }

    /// Dark for light.
    var inverted: GrayImage {
        GrayImage(width: width, height: height) { target in
            withPixels { source in for index in source.indices { target[index] = Self.white - source[index] } }
        }
    }

    /// `factor` times as wide and high, with the values between interpolated.
    func enlarged(by factor: Int) -> GrayImage {
        let (outer, last) = (width * factor, (x: width - 1, y: height - 1))
        return GrayImage(width: outer, height: height * factor) { target in
            withPixels { source in
                for y in 0..<height * factor {
                    let (top, below) = y.quotientAndRemainder(dividingBy: factor)
                    let (upper, lower) = (top * width, min(top + 1, last.y) * width)
                    for x in 0..<outer {
                        let (left, beside) = x.quotientAndRemainder(dividingBy: factor)
                        let right = min(left + 1, last.x)
                        let above =
                            Int(source[upper + left]) * (factor - beside)
                            + Int(source[upper + right]) * beside
                        let under =
                            Int(source[lower + left]) * (factor - beside)
                            + Int(source[lower + right]) * beside
                        target[y * outer + x] = UInt8(
                            (above * (factor - below) + under * below) / (factor * factor))
                    }
                }
            }
        }
    }

    /// Half as wide and high, each pixel the mean of four: noise and blur of a photo weigh less. At least 2 pixels a
    /// side are needed.
    var halved: GrayImage {
        let (inner, line) = (width / 2, width)
        return GrayImage(width: inner, height: height / 2) { target in
            withPixels { source in
                for y in 0..<height / 2 {
                    for x in 0..<inner {
                        let corner = 2 * y * line + 2 * x
                        let sum =
                            Int(source[corner]) + Int(source[corner + 1]) + Int(source[corner + line])
                            + Int(source[corner + line + 1])
                        target[y * inner + x] = UInt8(sum / 4)
                    }
                }
            }
        }
    }
}
