internal import ByteBuffers
internal import Glibc

/// Finds the objects of a PDF file (ISO 32000-1, section 7.3) as cairo writes it: every object at the start of a line and
/// none inside of another stream, which is what `cairo_pdf_surface_restrict_to_version` with 1.4 is for.
///
/// ```
/// NUMBER 0 obj\n ... endobj\n
/// NUMBER 0 obj\n<< ... >>\nstream\n ... \nendstream\nendobj\n
/// ```
enum PDFObjects {
    /// Where the parts of one object lie.
    struct Object {
        let number: Int
        /// All up to the data of a stream, or to the end.
        let head: Range<Int>
        /// Empty where there is no stream; else from its first byte to the end of the object.
        let tail: Range<Int>
    }

    enum Item {
        /// A line that is no object.
        case comment(Range<Int>)
        case object(Object)
        /// The table of objects begins.
        case table
    }

    /// - Returns: nil where the bytes end before the item does.
    static func item(in bytes: RawSpan, at offset: Int) throws(SheetFailure) -> Item? {
        guard let first = bytes.byte(at: offset) else { return nil }
        switch first {
        case UInt8(ascii: "%"): return find("\n", in: bytes, from: offset).map { .comment(offset..<$0.upperBound) }
        case UInt8(ascii: "x"): return .table
        default: return try object(in: bytes, at: offset).map { .object($0) }
        }
    }

    private static func object(in bytes: RawSpan, at offset: Int) throws(SheetFailure) -> Object? {
        guard let header = find(" 0 obj\n", in: bytes, from: offset) else { return nil }
        guard let number = number(bytes, offset..<header.lowerBound) else { throw SheetFailure(.drawing) }
        let end = find("endobj\n", in: bytes, from: header.upperBound)
        // What is found behind the end belongs to an object to come; an end inside of a stream is none.
        if let stream = find(">>\nstream\n", in: bytes, from: header.upperBound),
            stream.lowerBound < end?.lowerBound ?? .max
        {
            guard let end = find("\nendstream\nendobj\n", in: bytes, from: stream.upperBound) else { return nil }
            return Object(
                number: number, head: header.upperBound..<stream.upperBound,
                tail: stream.upperBound..<end.upperBound)
        }
        guard let end else { return nil }
        return Object(
            number: number, head: header.upperBound..<end.upperBound, tail: end.upperBound..<end.upperBound)
    }

    /// The number of the object that `key` of the trailer names.
    static func reference(_ key: StaticString, in bytes: RawSpan) throws(SheetFailure) -> Int {
        guard let key = find(key, in: bytes, from: 0), let end = find(" 0 R", in: bytes, from: key.upperBound),
            let number = number(bytes, key.upperBound..<end.lowerBound)
        else { throw SheetFailure(.drawing) }
        return number
    }

    private static let mostDigits = 7

    private static func number(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
        guard 1...Self.mostDigits ~= range.count else { return nil }
        return Int(String(decoding: bytes.extracting(range)))
    }

    private static func find(_ text: StaticString, in bytes: RawSpan, from offset: Int) -> Range<Int>? {
        let rest = bytes.extracting(offset..<bytes.byteCount)
        let found: Int? = unsafe rest.withUnsafeBytes { rest in
            guard let base = rest.baseAddress else { return nil }
            let first = unsafe text.utf8Start.pointee
            let length = text.utf8CodeUnitCount
            var start = 0
            // The C library looks for a byte many at a time.
            while let place = unsafe memchr(base + start, Int32(first), max(rest.count - start - length + 1, 0)) {
                start = unsafe UnsafeRawPointer(place) - base
                if unsafe memcmp(base + start, text.utf8Start, length) == 0 { return start }
                start += 1
            }
            return nil
        }
        return found.map { offset + $0..<offset + $0 + text.utf8CodeUnitCount }
    }
}
