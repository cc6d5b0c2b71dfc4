internal import ByteBuffers
internal import SecretFormats
internal import SheetJobs

/// The QR codes of a page as operators of a content stream (ISO 32000-1, section 8.5): a rectangle for each run of dark
/// modules, in modules, and one filling for all of a code.
enum PDFCodes {
    static func stream(_ page: Page) -> WipedBuffer {
        let stream = WipedBuffer(capacity: 1 << 14)
        for case .code(let code, let x, let y, let module) in page.marks {
            stream.append("q 0 g ")
            append(module, to: stream)
            stream.append(" 0 0 -")
            append(module, to: stream)
            stream.append(" ")
            append(x, to: stream)
            stream.append(" ")
            append(page.height - y, to: stream)
            stream.append(" cm\n")
            code.forEachRun { row, columns in
                for number in [columns.lowerBound, row, columns.count] {
                    append(number, to: stream)
                    stream.append(" ")
                }
                stream.append("1 re\n")
            }
            stream.append("f Q\n")
        }
        return stream
    }

    /// Of a point: a thousandth of a printer's dot.
    private static let decimals = 4
    private static let scale = 10_000
    private static let radix = 10

    private static func append(_ value: Double, to stream: WipedBuffer) {
        let scaled = Int((max(value, 0) * Double(scale)).rounded())
        append(scaled / scale, to: stream)
        stream.append(".")
        let fraction = String(scaled % scale).utf8
        stream.append(repeating: UInt8(ascii: "0"), count: decimals - fraction.count)
        stream.append(contentsOf: fraction)
    }

    /// Two digits at most are the rule here, and a `String` for each would cost more than the rest.
    private static func append(_ number: Int, to stream: WipedBuffer) {
        if number >= radix { append(number / radix, to: stream) }
        stream.append(UInt8(ascii: "0") + UInt8(number % radix))
    }
}
