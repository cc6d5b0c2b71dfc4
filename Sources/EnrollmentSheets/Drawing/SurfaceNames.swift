internal import ByteBuffers

/// cairo gives a surface the number of all surfaces that the process has made, and writes it into SVG files. Here it is
/// the number in the file, so that a page is the same whatever was drawn before it.
enum SurfaceNames {
    private static let name = Array("surface".utf8)
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let mostDigits = 10

    static func renumbered(_ file: WipedBuffer) -> WipedBuffer {
        let result = WipedBuffer(capacity: file.count)
        var numbers: [UInt64: Int] = [:]
        file.withBytes { bytes in
            // Where the text begins that was not copied; how much of the name stands before the byte that is looked at;
            // and the number behind it, as far as it goes.
            var (start, matched, number, length) = (0, 0, UInt64(0), 0)
            for offset in 0...bytes.byteCount {
                let byte = bytes.byte(at: offset)
                if matched == name.count {
                    if let byte, digits.contains(byte), length < mostDigits {
                        if length == 0 {
                            result.append(contentsOf: bytes.extracting(start..<offset))
                            start = offset
                        }
                        number = number * 10 + UInt64(byte - digits.lowerBound)
                        length += 1
                        continue
                    }
                    if length > 0 {
                        let known = numbers[number] ?? numbers.count + 1
                        numbers[number] = known
                        result.append(contentsOf: String(known).utf8)
                        start = offset
                    }
                    (matched, number, length) = (0, 0, 0)
                }
                matched = byte == name[matched] ? matched + 1 : byte == name[0] ? 1 : 0
            }
            result.append(contentsOf: bytes.extracting(start..<bytes.byteCount))
        }
        return result
    }
}
